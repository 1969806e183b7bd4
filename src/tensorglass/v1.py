"""TensorFlow 1: ``import tensorglass.v1 as tf`` puts the process in graph mode and gives TensorFlow 1's names.

A program that begins with ``import tensorflow as tf`` (1.x) or ``import tensorflow.compat.v1 as tf`` runs with this
import instead: ops build the default graph, ``==`` on tensors is identity, shapes are made of `Dimension` objects.
"""

from .compat.v1 import *  # noqa: F403
from .compat.v1 import __version__ as __version__, disable_v2_behavior as disable_v2_behavior

disable_v2_behavior()
