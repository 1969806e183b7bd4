"""Settings of the process: placement, threads, compilation, a GPU's memory and precision."""

from __future__ import annotations

import os
import sys
from typing import Any

from .. import devices
from ..devices import settings
from .listing import named

# -- placement


def get_soft_device_placement() -> bool:
    """Whether an operation may run elsewhere when the device it asks for is not there."""
    return settings.soft_placement


def set_soft_device_placement(enabled: bool) -> None:
    """Let operations run elsewhere when the device they ask for is not there (True, the default), or be an error.

    It is for sessions made later that have no `ConfigProto` which says so itself.
    """
    settings.soft_placement = bool(enabled)


# -- threads: NumPy's and XLA's own settings decide, and those have to be made before the start


def get_intra_op_parallelism_threads() -> int:
    """The number set, 0 when none was."""
    return settings.threads["intra"]


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Keep the number of threads inside an op; OMP_NUM_THREADS, set before the start, limits NumPy's."""
    settings.threads["intra"] = int(num_threads)


def get_inter_op_parallelism_threads() -> int:
    """The number set, 0 when none was."""
    return settings.threads["inter"]


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Keep the number of threads between ops: a plan runs its ops in one order, in one thread."""
    settings.threads["inter"] = int(num_threads)


# -- compilation


def get_jit() -> str:
    """``autoclustering`` when `set_jit` asked for XLA, else ""."""
    return "autoclustering" if settings.jit else ""


def set_jit(enabled: bool | str) -> None:
    """True or "autoclustering": sessions made later whose backend nobody chose use XLA from their first run on."""
    settings.jit = enabled in (True, "autoclustering")


def get_compilation_cache_dir() -> str:
    """Where compiled plans are kept between programs; "" when they are not.  At first TENSORGLASS_CACHE_DIR."""
    return settings.compilation_cache


def set_compilation_cache_dir(path: str | os.PathLike | None) -> None:
    """Keep what XLA compiles in the directory `path`, so that the next program finds it; None stops keeping.

    It is JAX's persistent cache, set for all that JAX does in this process.  The environment's TENSORGLASS_CACHE_DIR
    does the same.
    """
    settings.compilation_cache = os.fspath(path) if path else ""
    if "jax" in sys.modules:
        from ..backends.xla_devices import use_cache

        use_cache(settings.compilation_cache)


# -- GPUs


def get_memory_growth(device: Any) -> bool:
    """Whether JAX takes the memory of `device`, a GPU, as it needs it, and not most of it at its start."""
    _gpu(device)
    return devices.memory_grows()


def set_memory_growth(device: Any, enable: bool) -> None:
    """Take the memory of `device`, a GPU, with need (True; so it is anyway) or most of it at once (False).

    It holds for all GPUs of the process.  ValueError for other devices; RuntimeError when JAX has started.
    """
    _gpu(device)
    devices.set_memory(grows=bool(enable))


def _gpu(device: Any) -> None:
    if not named(device).startswith("GPU:"):
        raise ValueError("Cannot set memory growth on non-GPU and non-Pluggable devices")


def get_device_details(device: Any) -> dict[str, Any]:
    """What is known about a physical device: a GPU's "device_name"."""
    name = named(device)
    if name.startswith("CPU:"):
        return {}
    from ..backends.xla_devices import found

    return {"device_name": found()[name].device_kind}


def tensor_float_32_execution_enabled() -> bool:
    """Whether float32 products on a GPU may be computed with the ten-bit mantissa of TensorFloat-32 (the default)."""
    return settings.tensor_float_32


def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Allow TensorFloat-32 in float32 products on a GPU, or compute them in full (False); for plans compiled later."""
    settings.tensor_float_32 = bool(enabled)
