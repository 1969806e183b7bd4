"""TensorGlass: the deep-learning library you can see through."""

from . import initializers, random
from .context import reset_default_graph
from .dtypes import *  # noqa: F403
from .gradients import RegisterGradient, custom_gradient, gradients, hessians
from .graph import Graph, Operation, Tensor, get_default_graph
from .initializers import *  # noqa: F403
from .ops import indexing, operators
from .ops.array import *  # noqa: F403
from .ops.constant import *  # noqa: F403
from .ops.constant import untyped_placeholder as placeholder
from .ops.elementwise import *  # noqa: F403
from .ops.linalg import *  # noqa: F403
from .ops.nn import *  # noqa: F403
from .ops.random import *  # noqa: F403
from .ops.random_gamma import *  # noqa: F403
from .ops.reduce import *  # noqa: F403
from .seeds import *  # noqa: F403
from .session import LenientSession as Session
from .variables import Variable
