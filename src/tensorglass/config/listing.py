"""The devices of this machine, and which of them are used."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from typing import Any, NamedTuple

from ..devices import physical, settings, visible


class PhysicalDevice(NamedTuple):
    """A device of the machine."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device as programs name it: `with tf.device(logical.name):`."""

    name: str
    device_type: str


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices there are, of one type where `device_type` ("CPU", "GPU", "TPU") is given.

    Where JAX is not installed, and where it cannot have more than a CPU, that is one CPU.
    """
    return _of_type(physical(), device_type)


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices that sessions use."""
    return _of_type(visible(), device_type)


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Use only these devices, of all types or of `device_type`: ``set_visible_devices([], "GPU")`` hides the GPUs.

    ValueError for what is no device of this machine and type.
    """
    wanted: Iterable[Any] = devices if isinstance(devices, list) else [devices]
    names = []
    for device in wanted:
        name = named(device)
        if device_type is not None and not name.startswith(device_type + ":"):
            raise ValueError(f"Unrecognized device: {device!r}")
        names.append(name)
    if device_type is not None:
        names += [d for d in visible() if not d.startswith(device_type + ":")]
    settings.visible = [d for d in physical() if d in names]


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The visible devices, by the names that `tf.device` takes."""
    return [
        LogicalDevice(f"/device:{d}", d.partition(":")[0])
        for d in visible()
        if device_type is None or d.startswith(device_type + ":")
    ]


def named(device: Any) -> str:
    """``GPU:0`` of a `PhysicalDevice`; ValueError when this machine has no such device."""
    for name in physical():
        if device == _physical(name):
            return name
    raise ValueError(f"Unrecognized device: {device!r}")


def _physical(name: str) -> PhysicalDevice:
    return PhysicalDevice(f"/physical_device:{name}", name.partition(":")[0])


def _of_type(names: list[str], device_type: str | None) -> list[PhysicalDevice]:
    return [d for d in map(_physical, names) if device_type is None or d.device_type == device_type]


# -- `tf.test`


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Whether sessions may use a GPU."""
    return bool(list_logical_devices("GPU"))


def gpu_device_name() -> str:
    """``/device:GPU:0`` where there is a GPU, else ""."""
    return next((d.name for d in list_logical_devices("GPU")), "")


def is_built_with_cuda() -> bool:
    """Whether JAX's CUDA plugin is installed: the extra ``[cuda]``."""
    return any(importlib.util.find_spec(f"jax_cuda{n}_plugin") for n in (12, 13))


def is_built_with_xla() -> bool:
    """Whether JAX is installed: the extra ``[xla]``."""
    return importlib.util.find_spec("jax") is not None
