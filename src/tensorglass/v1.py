"""TensorFlow 1: ``import tensorglass.v1 as tf`` puts the process in graph mode and gives TensorFlow 1's names.

A program that begins with ``import tensorflow as tf`` (1.x) or ``import tensorflow.compat.v1 as tf`` runs with this
import instead: ops build the default graph, ``==`` on tensors is identity, shapes are made of `Dimension` objects.
"""

from .compat import v1 as _v1
from .compat.v1 import *  # noqa: F403

disable_v2_behavior()  # noqa: F405
__version__ = _v1.__version__
