"""The switches between TensorFlow 1's and TensorFlow 2's behaviour, for the whole process."""

from __future__ import annotations

from typing import Any

from .. import context, shapes


def disable_v2_behavior() -> None:
    """TensorFlow 1: graphs, ``==`` as identity, shapes of `Dimension` objects."""
    context.disable_eager_execution()
    disable_tensor_equality()
    disable_v2_tensorshape()


def enable_v2_behavior() -> None:
    """TensorFlow 2: eager execution, ``==`` element by element, shapes of ints."""
    context.enable_eager_execution()
    enable_tensor_equality()
    enable_v2_tensorshape()


def disable_eager_execution() -> None:
    """Build graphs from here on."""
    context.disable_eager_execution()


def enable_eager_execution(config: Any = None, device_policy: Any = None, execution_mode: Any = None) -> None:
    """Compute ops at once where no graph is the default."""
    context.enable_eager_execution()


def disable_tensor_equality() -> None:
    """``a == b`` is identity."""
    context.set_tensor_equality(False)


def enable_tensor_equality() -> None:
    """``a == b`` compares elements."""
    context.set_tensor_equality(True)


def disable_v2_tensorshape() -> None:
    """Indexing a shape gives a `Dimension`."""
    shapes.use_dimensions(True)


def enable_v2_tensorshape() -> None:
    """Indexing a shape gives an int or None."""
    shapes.use_dimensions(False)


def disable_resource_variables() -> None:
    """Variables are of the one kind there is: their value is read where TensorFlow 1's reference variables are read."""


enable_resource_variables = disable_resource_variables
