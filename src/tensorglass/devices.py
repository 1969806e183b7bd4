"""Devices: their names, what a program asks for, and what it gets.

``with tf.device("/gpu:0"):`` is a hint that its operations carry.  `Placement` turns hints into devices of this
machine: the XLA backend runs each piece of a plan where its operations belong; NumPy knows one device, the CPU.
Nothing here imports JAX unless this machine may have more than a CPU.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from . import errors

_TYPES = ("CPU", "GPU", "TPU")
_LOCAL = "/job:localhost/replica:0/task:0"


class DeviceSpec:
    """A device name in its parts, any of which may be left open: ``/job:worker/replica:0/task:3/device:GPU:1``.

    >>> DeviceSpec.from_string("/gpu:0").to_string()
    '/device:GPU:0'
    >>> DeviceSpec(job="ps", device_type="CPU").make_merged_spec(DeviceSpec.from_string("/task:2")).to_string()
    '/job:ps/task:2/device:CPU:*'
    """

    __slots__ = ("device_index", "device_type", "job", "replica", "task")

    def __init__(
        self, job: str | None = None, replica: int | None = None, task: int | None = None,
        device_type: str | None = None, device_index: int | None = None,
    ):  # fmt: skip
        self.job = job
        self.replica = None if replica is None else int(replica)
        self.task = None if task is None else int(task)
        self.device_type = None if device_type is None else device_type.upper()
        self.device_index = None if device_index is None else int(device_index)

    @classmethod
    def from_string(cls, spec: str) -> DeviceSpec:
        """The parts of ``"/job:name/replica:0/task:0/device:GPU:0"``; ``"/gpu:0"`` will do; ValueError for others."""
        found: dict[str, Any] = {}
        for part in (p.split(":") for p in spec.split("/")):
            key = part[0].lower()
            if len(part) == 2 and key in ("job", "replica", "task") and part[1]:
                found[key] = part[1] if key == "job" else int(part[1])
            elif (key == "device" and len(part) == 3) or (len(part) <= 2 and part[0].upper() in _TYPES):
                kind, *index = part[1:] if key == "device" else part
                if "device_type" in found:
                    raise ValueError(f"Multiple device types are not allowed while parsing the device spec: {spec}.")
                found["device_type"] = kind
                found["device_index"] = None if not index or index[0] == "*" else int(index[0])
            elif part != [""]:
                raise ValueError(
                    f"Unknown attribute '{part[0]}' is encountered while parsing the device spec: '{spec}'. "
                    "A device is called '/cpu:0' or '/gpu:0', in full '/job:localhost/replica:0/task:0/device:GPU:0'."
                )
        return cls(**found)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        """`from_string` as TensorFlow has it on specs, too."""
        return self.from_string(spec)

    def to_string(self) -> str:
        parts = [f"/{k}:{v}" for k in ("job", "replica", "task") if (v := getattr(self, k)) is not None]
        if self.device_type is not None:
            parts.append(f"/device:{self.device_type}:{'*' if self.device_index is None else self.device_index}")
        return "".join(parts)

    def make_merged_spec(self, dev: DeviceSpec) -> DeviceSpec:
        """This spec with the parts that `dev` has put in."""
        return DeviceSpec(
            *(mine if other is None else other for mine, other in zip(self._parts(), dev._parts(), strict=True))
        )

    def replace(self, **kwargs: Any) -> DeviceSpec:
        """This spec with some parts changed."""
        return DeviceSpec(**{**dict(zip(_PARTS, self._parts(), strict=True)), **kwargs})

    def _parts(self) -> tuple:
        return tuple(getattr(self, part) for part in _PARTS)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        return f"<DeviceSpec({', '.join(f'{k}={v}' for k, v in zip(_PARTS, self._parts(), strict=True))})>"


_PARTS = ("job", "replica", "task", "device_type", "device_index")


# -- hints: what `Graph.device` makes of its argument


def hint(spec: Any) -> str | Callable:
    """The argument of ``tf.device``: a name or `DeviceSpec` in its canonical form, or a function of the operation."""
    if callable(spec):
        return spec
    if isinstance(spec, (str, DeviceSpec)):
        return _text(spec)
    raise TypeError(f"A device is a string, a tf.DeviceSpec or a function of an operation, not {spec!r}.")


def _text(spec: Any) -> str:
    if spec is None:
        return ""
    return (spec if isinstance(spec, DeviceSpec) else DeviceSpec.from_string(str(spec))).to_string()


def combined(hints: Sequence[str | Callable], op: Any = None) -> str:
    """What nested hints, the outermost first, say about `op`: an inner name fills in and overrides an outer one.

    A function is asked when its turn comes, from the innermost outwards, and its answer stands.
    """
    found = ""
    for h in reversed(hints):
        if callable(h):
            op._device = found
            found = _text(h(op))
        else:
            found = DeviceSpec.from_string(h).make_merged_spec(DeviceSpec.from_string(found)).to_string()
    return found


# -- the devices of this machine


class Settings:
    """What `tensorglass.config` keeps for the whole process."""

    def __init__(self):
        self.soft_placement = True
        self.visible: list[str] | None = None  # None: all
        self.tensor_float_32 = True
        self.jit = False
        self.compilation_cache = os.environ.get("TENSORGLASS_CACHE_DIR", "")
        self.threads = {"intra": 0, "inter": 0}


settings = Settings()


def physical() -> list[str]:
    """The devices there are, as ``["CPU:0", "GPU:0"]``.  JAX is asked, and started, only where it may know more."""
    plugins = any(importlib.util.find_spec(name) for name in ("jax_plugins", "libtpu"))
    flagged = "device_count" in os.environ.get("XLA_FLAGS", "")
    if importlib.util.find_spec("jax") is None or not (plugins or flagged or "jax" in sys.modules):
        return ["CPU:0"]
    from .backends import xla_devices

    return list(xla_devices.found())


def visible() -> list[str]:
    """The devices that `set_visible_devices` has left."""
    return physical() if settings.visible is None else list(settings.visible)


_GROWS, _FRACTION = "XLA_PYTHON_CLIENT_PREALLOCATE", "XLA_PYTHON_CLIENT_MEM_FRACTION"  # what JAX reads at its start


def memory_grows() -> bool:
    """Whether JAX takes a GPU's memory with need, as it does here unless told otherwise."""
    return os.environ.get(_GROWS, "false").lower() in ("false", "0")


def set_memory(grows: bool | None = None, fraction: float = 0.0) -> None:
    """Say how JAX takes a GPU's memory; RuntimeError when it is too late to change that."""
    if fraction and not _started():
        os.environ[_FRACTION] = str(fraction)
    if grows is None or grows == memory_grows():
        return
    if _started():
        raise RuntimeError("Physical devices cannot be modified after being initialized")
    os.environ[_GROWS] = "false" if grows else "true"


def _started() -> bool:
    """Whether JAX has taken hold of its devices."""
    bridge = sys.modules.get("jax._src.xla_bridge")
    return bridge is not None and bool(bridge.backends_are_initialized())


def full_name(device: str) -> str:
    """``CPU:0`` as TensorFlow logs it."""
    return f"{_LOCAL}/device:{device}"


class Placement:
    """Where the operations of one session run.

    ``config`` is a `ConfigProto` or None.  An operation runs on the device it names.  Where it names none, or one
    that is not there, it runs on the first accelerator, else on the CPU.  ``allow_soft_placement=False`` turns a
    device that is not there into an error; without a config, `set_soft_device_placement` decides.
    """

    def __init__(self, config: Any = None):
        if config is not None and not hasattr(config, "log_device_placement"):
            raise TypeError(f'Argument `config` must be a tf.ConfigProto, but got "{type(config).__name__}"')
        self._config = config
        if config is not None:
            options = config.gpu_options
            set_memory(options.allow_growth or None, options.per_process_gpu_memory_fraction)
        self.logs = bool(config is not None and config.log_device_placement)
        self.soft = settings.soft_placement
        if config is not None and config._is_set("allow_soft_placement"):
            self.soft = config.allow_soft_placement

    def backend(self) -> str:
        """The backend of a session for which nobody named one: XLA where compilation was asked for, else `auto`."""
        jit = self._config is not None and self._config.graph_options.optimizer_options.global_jit_level > 0
        return "xla" if (jit or settings.jit) and importlib.util.find_spec("jax") else "auto"

    def check(self, program: Any, fetches: Sequence[Any], feeds: Sequence[Any]) -> None:
        """Once a plan: no operation asks in vain for a device it must have; and the log, where it is wanted."""
        if self.soft and not self.logs:
            return
        from .plan import needed_ops

        placed = self.place(needed_ops(fetches, dict.fromkeys(feeds)), self.devices())
        if self.logs:
            self.log({op: getattr(program, "placed", {}).get(op, "CPU:0") for op in placed})

    def devices(self) -> list[str]:
        """The devices that this session may use; the CPU is always among them."""
        found = visible()
        if self._config is not None:
            for kind, count in self._config.device_count.items():
                mine = [d for d in found if d.startswith(kind.upper() + ":")]
                found = [d for d in found if d not in mine[count:]]
            chosen = self._config.gpu_options.visible_device_list
            if chosen:
                found = [d for d in found if d[:4] != "GPU:" or d[4:] in chosen.split(",")]
        return found if "CPU:0" in found else ["CPU:0", *found]

    def find(self, wanted: str, there: Sequence[str]) -> str:
        """The one of the devices `there` on which an operation with the hint `wanted` runs; "" when there is none."""
        spec = DeviceSpec.from_string(wanted)
        if spec.device_type is None:
            return self.default(there)
        name = f"{spec.device_type}:"
        mine = [d for d in there if d.startswith(name)]
        if spec.device_index is None:
            return mine[0] if mine else ""
        return f"{name}{spec.device_index}" if f"{name}{spec.device_index}" in mine else ""

    def default(self, there: Sequence[str]) -> str:
        """The first accelerator, else the CPU."""
        return next((d for d in there if not d.startswith("CPU:")), "CPU:0")

    def place(self, ops: Iterable[Any], there: Sequence[str]) -> dict[Any, str]:
        """The device of each operation; InvalidArgumentError where it must not run elsewhere."""
        placed, by_hint = {}, {}
        for op in ops:
            wanted = op.device
            if wanted not in by_hint:
                by_hint[wanted] = self.find(wanted, there)
            if not by_hint[wanted] and not self.soft:
                names = ", ".join(map(full_name, there))
                raise errors.InvalidArgumentError(
                    op, op,
                    f"Cannot assign a device for operation {op.name}: {{{{node {op.name}}}}} was explicitly assigned "
                    f"to {wanted} but available devices are [ {names} ]. Make sure the device specification refers to "
                    "a valid device, or let it run elsewhere: ConfigProto(allow_soft_placement=True)."
                    + errors.describe(op),
                )  # fmt: skip
            placed[op] = by_hint[wanted] or self.default(there)
        return placed

    def log(self, placed: dict[Any, str]) -> None:
        """Tell on standard error where each operation runs, as ``log_device_placement`` asks."""
        lines = [f"{op.name}: ({op.type}): {full_name(device)}" for op, device in placed.items()]
        print("\n".join(lines), file=sys.stderr)
