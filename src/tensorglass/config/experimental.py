"""GPUs, and older names of `tf.config`'s functions (`tf.config.experimental`)."""

from .listing import (
    get_visible_devices as get_visible_devices,
    list_logical_devices as list_logical_devices,
    list_physical_devices as list_physical_devices,
    set_visible_devices as set_visible_devices,
)
from .process import (
    enable_tensor_float_32_execution as enable_tensor_float_32_execution,
    get_device_details as get_device_details,
    get_memory_growth as get_memory_growth,
    set_memory_growth as set_memory_growth,
    tensor_float_32_execution_enabled as tensor_float_32_execution_enabled,
)
