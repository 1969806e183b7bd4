"""Devices and settings of the process (`tf.config`).

>>> import tensorglass as tf
>>> tf.config.list_physical_devices("CPU")[0].device_type
'CPU'

A session asks when it prepares a plan: what is set here holds for plans prepared later.  A GPU's memory is JAX's
business, which wants to know before it starts; it grows with need unless told otherwise.
"""

from ..backends.memory import get_kept_memory as get_kept_memory, set_kept_memory as set_kept_memory
from . import experimental as experimental, optimizer as optimizer, threading as threading
from .listing import (
    LogicalDevice as LogicalDevice,
    PhysicalDevice as PhysicalDevice,
    get_visible_devices as get_visible_devices,
    list_logical_devices as list_logical_devices,
    list_physical_devices as list_physical_devices,
    set_visible_devices as set_visible_devices,
)
from .process import (
    get_compilation_cache_dir as get_compilation_cache_dir,
    get_soft_device_placement as get_soft_device_placement,
    set_compilation_cache_dir as set_compilation_cache_dir,
    set_soft_device_placement as set_soft_device_placement,
)
