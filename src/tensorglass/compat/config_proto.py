"""`ConfigProto` and its parts: TensorFlow 1's session options, written and read as its protocol messages are.

What they change here: placement (`allow_soft_placement`, `log_device_placement`, `device_count`, and the GPU options'
`visible_device_list`); a GPU's memory (`allow_growth`, `per_process_gpu_memory_fraction`, before JAX starts); and XLA
(`graph_options.optimizer_options.global_jit_level`).  Numbers of threads are accepted.
"""

from __future__ import annotations

from typing import Any, ClassVar


class _Message:
    """A protocol message: fields with types and defaults; parts that are messages too are there from the start."""

    _fields: ClassVar[dict[str, Any]] = {}  # name -> default value, or the class of a part

    def __init__(self, **kwargs: Any):
        object.__setattr__(self, "_values", {})
        for name, value in kwargs.items():
            if name not in self._fields:
                raise ValueError(f'Protocol message {type(self).__name__} has no "{name}" field.')
            kind = self._fields[name]
            if isinstance(kind, type):
                self._values[name] = kind(**value._values) if isinstance(value, _Message) else kind(**value)
            elif isinstance(kind, (dict, list)):
                self._values[name] = type(kind)(value)
            else:
                setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name not in self._fields:
            raise AttributeError(f'Protocol message {type(self).__name__} has no "{name}" field.')
        kind = self._fields[name]
        if isinstance(kind, (type, dict, list)) and name not in self._values:
            self._values[name] = kind() if isinstance(kind, type) else type(kind)()
        return self._values.get(name, kind)

    def __setattr__(self, name: str, value: Any) -> None:
        default = getattr(self, name)
        if isinstance(default, (_Message, dict, list)):
            raise AttributeError(
                f'Assignment not allowed to message, map, or repeated field "{name}" in protocol message object. '
                f"Set its own fields: config.{name}..."
            )
        wanted = (int, float) if isinstance(default, (bool, int, float)) else str
        if not isinstance(value, wanted):
            raise TypeError(f"{value!r} has type {type(value)}, but expected one of: {type(default)}")
        self._values[name] = type(default)(value)

    def _is_set(self, name: str) -> bool:
        return name in self._values

    def HasField(self, name: str) -> bool:
        """Whether the part `name` has anything set in it."""
        value = getattr(self, name)
        if not isinstance(value, _Message):
            raise ValueError(f'Field "{name}" of {type(self).__name__} has no presence: look at its value.')
        return value != type(value)()

    def CopyFrom(self, other: _Message) -> None:
        """Become equal to `other`."""
        self._values.clear()
        self.MergeFrom(other)

    def MergeFrom(self, other: _Message) -> None:
        """Take over what is set in `other`."""
        for name, value in other._values.items():
            if isinstance(value, _Message):
                getattr(self, name).MergeFrom(value)
            elif isinstance(value, dict):
                getattr(self, name).update(value)
            elif isinstance(value, list):
                getattr(self, name).extend(value)
            else:
                self._values[name] = value

    def _plain(self) -> dict[str, Any]:
        """What is set and differs from the default."""
        plain = {k: v._plain() if isinstance(v, _Message) else v for k, v in self._values.items()}
        return {k: v for k, v in plain.items() if v and v != self._fields[k]}

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._plain() == self._plain()  # type: ignore[attr-defined]

    __hash__ = None  # type: ignore[assignment]  (it changes)

    def __repr__(self) -> str:
        return "\n".join(_lines(self._plain(), ""))


def _lines(plain: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for name, value in plain.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name} {{", *_lines(value, indent + "  "), f"{indent}}}"]
        else:
            lines.append(f"{indent}{name}: {str(value).lower() if isinstance(value, bool) else value}")
    return lines


class GPUOptions(_Message):
    """Options for GPUs: ``GPUOptions(allow_growth=True, per_process_gpu_memory_fraction=0.5)``."""

    _fields: ClassVar = {
        "per_process_gpu_memory_fraction": 0.0,
        "allow_growth": False,
        "allocator_type": "",
        "deferred_deletion_bytes": 0,
        "visible_device_list": "",
        "polling_active_delay_usecs": 0,
        "polling_inactive_delay_msecs": 0,
        "force_gpu_compatible": False,
    }


class OptimizerOptions(_Message):
    """Options of the graph optimizer; ``global_jit_level=OptimizerOptions.ON_1`` asks for XLA."""

    L1, L0 = 0, -1
    DEFAULT, OFF, ON_1, ON_2 = 0, -1, 1, 2
    _fields: ClassVar = {
        "do_common_subexpression_elimination": False,
        "do_constant_folding": False,
        "max_folded_constant_in_bytes": 0,
        "do_function_inlining": False,
        "opt_level": 0,
        "global_jit_level": 0,
        "cpu_global_jit": False,
    }


class GraphOptions(_Message):
    """Options for graphs: their `optimizer_options`."""

    _fields: ClassVar = {
        "enable_recv_scheduling": False,
        "optimizer_options": OptimizerOptions,
        "build_cost_model": 0,
        "build_cost_model_after": 0,
        "infer_shapes": False,
        "place_pruned_graph": False,
        "enable_bfloat16_sendrecv": False,
        "timeline_step": 0,
    }


class ConfigProto(_Message):
    """Options of a session: ``Session(config=ConfigProto(log_device_placement=True))``.

    >>> config = ConfigProto(device_count={"GPU": 0})
    >>> config.gpu_options.allow_growth = True
    >>> print(config)
    device_count {
      GPU: 0
    }
    gpu_options {
      allow_growth: true
    }
    """

    _fields: ClassVar = {
        "device_count": {},
        "intra_op_parallelism_threads": 0,
        "inter_op_parallelism_threads": 0,
        "use_per_session_threads": False,
        "placement_period": 0,
        "device_filters": [],
        "gpu_options": GPUOptions,
        "allow_soft_placement": False,
        "log_device_placement": False,
        "graph_options": GraphOptions,
        "operation_timeout_in_ms": 0,
        "isolate_session_state": False,
        "share_cluster_devices_in_session": False,
    }
