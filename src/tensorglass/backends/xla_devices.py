"""JAX's devices, and the settings it has to get before it starts."""

from __future__ import annotations

import functools
import os
from contextlib import ExitStack, suppress
from typing import Any

from ..devices import settings
from .memory import keep_for_threads

keep_for_threads()
# JAX would take three quarters of a GPU's memory at its start; whoever wants that says so.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax  # noqa: E402  # pyright: ignore[reportMissingImports]

# On a processor JAX hands a computation to another thread. A session waits for it anyway, and a small step would spend
# half of its time on waking threads (docs/adr/0010).
with suppress(AttributeError):  # a setting that other releases of JAX may lack
    jax.config.update("jax_cpu_enable_async_dispatch", False)


@functools.cache
def found() -> dict[str, Any]:
    """JAX's devices of this process by name: ``CPU:0``, ``GPU:0``, ...; asking starts JAX."""
    try:
        devices = list(jax.local_devices(backend="cpu"))
    except RuntimeError:  # JAX_PLATFORMS may leave the CPU out
        devices = []
    devices += [d for d in jax.local_devices() if d.platform != "cpu"]
    counts: dict[str, int] = {}
    named = {}
    for device in devices:
        kind = device.platform.upper()
        named[f"{kind}:{counts.get(kind, 0)}"] = device
        counts[kind] = counts.get(kind, 0) + 1
    return named


def use_cache(directory: str) -> None:
    """Keep compiled plans in `directory`, small and quick ones too; "" keeps none."""
    from jax.experimental.compilation_cache import compilation_cache  # pyright: ignore[reportMissingImports]

    compilation_cache.reset_cache()
    jax.config.update("jax_compilation_cache_dir", directory or None)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


if settings.compilation_cache:
    use_cache(settings.compilation_cache)


_SMALL = 3 << 19  # bytes
# What XLA leaves to its library for a CPU, YNNPACK: products pay from a size on; its convolutions took up to twice the
# time of XLA's own wherever they were measured (docs/adr/0010).
_LIBRARY = "xla_cpu_experimental_ynn_fusion_type"
_FOR_SMALL, _FOR_LARGE = "LIBRARY_FUSION_TYPE_REDUCE", "LIBRARY_FUSION_TYPE_REDUCE,LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT"


@functools.cache
def _by_library(kinds: str) -> dict[str, Any]:
    """The option that leaves these kinds of computation to the library, if this release of XLA has it."""
    options = {_LIBRARY: kinds}
    try:
        jax.jit(lambda: 0, compiler_options=options).lower().compile()
    except jax.errors.JaxRuntimeError:
        return {}
    return options


class Device:
    """Where a compiled piece runs."""

    def __init__(self, name: str):
        self.name = name
        self.device = found().get(name) or next(iter(found().values()))
        self.accelerator = self.device.platform != "cpu"
        self._only = len(found()) == 1

    def options(self, size: int) -> dict[str, Any]:
        """How XLA is to compile for values of `size` bytes together."""
        return {} if self.accelerator else _by_library(_FOR_SMALL if size <= _SMALL else _FOR_LARGE)

    def gives_away(self, size: int) -> bool:
        """Whether old state becomes the memory of the new: a GPU's is short, and small steps are quicker so."""
        return self.accelerator or size <= _SMALL

    def given(self, values: list[Any]) -> list[Any]:
        """The arguments of a piece, brought to the device; JAX does it itself where there is only one."""
        if self._only:
            return values
        return [v if getattr(v, "device", None) is self.device else jax.device_put(v, self.device) for v in values]

    def entered(self) -> Any:
        """A block inside which JAX computes here, with 64-bit types, as precisely as `config` says."""
        if self._only:
            return jax.enable_x64(True)
        block = ExitStack()
        block.enter_context(jax.enable_x64(True))
        block.enter_context(jax.default_device(self.device))
        if self.accelerator and not settings.tensor_float_32:
            block.enter_context(jax.default_matmul_precision("highest"))
        return block
