"""TensorFlow 1's names, with its strictness and errors (`tensorflow.compat.v1`).  Interim: filled in as ops land."""

# ruff: noqa: F403
from . import nn
from .. import context as _context
from .. import errors, initializers, random, shapes as _shapes
from ..context import disable_eager_execution, enable_eager_execution, executing_eagerly, reset_default_graph
from ..dtypes import *
from ..gradients import RegisterGradient, custom_gradient, gradients, hessians
from ..graph_keys import GraphKeys, add_to_collection, add_to_collections, get_collection, get_collection_ref
from ..graph import Graph, Operation, Tensor, get_default_graph
from ..initializers import *
from ..names import name_scope
from ..ops import operators as _operators
from ..ops.array import *
from ..ops.cast import *
from ..ops.constant import *
from ..ops.control import *
from ..ops.elementwise import *
from ..ops.linalg import *
from ..ops.logic import *
from ..ops.nn import *
from ..ops.random import *
from ..ops.random_gamma import *
from ..ops.reduce import *
from ..ops.state import *
from ..seeds import *
from ..session import InteractiveSession, Session, get_default_session
from ..shapes import Dimension, TensorShape
from ..variable_scope import (
    AUTO_REUSE,
    get_local_variable,
    get_variable,
    get_variable_scope,
    no_regularizer,
    variable_op_scope,
    variable_scope,
)
from ..variables import *

__version__ = "2.21.0"


def disable_v2_behavior() -> None:
    disable_eager_execution()
    _context.set_tensor_equality(False)
    _shapes.use_dimensions(True)
