"""Collections: lists of things that a graph keeps under a name, and functions that use the default graph's."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from . import context
from .graph import get_default_graph


class GraphKeys:
    """Names of the standard collections."""

    GLOBAL_VARIABLES = "variables"
    VARIABLES = "variables"
    LOCAL_VARIABLES = "local_variables"
    METRIC_VARIABLES = "metric_variables"
    MODEL_VARIABLES = "model_variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    SUMMARIES = "summaries"
    QUEUE_RUNNERS = "queue_runners"
    TABLE_INITIALIZERS = "table_initializer"
    ASSET_FILEPATHS = "asset_filepaths"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    REGULARIZATION_LOSSES = "regularization_losses"
    CONCATENATED_VARIABLES = "concatenated_variables"
    SAVERS = "savers"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    UPDATE_OPS = "update_ops"
    LOSSES = "losses"
    SAVEABLE_OBJECTS = "saveable_objects"
    RESOURCES = "resources"
    LOCAL_RESOURCES = "local_resources"
    INIT_OP = "init_op"
    LOCAL_INIT_OP = "local_init_op"
    READY_OP = "ready_op"
    READY_FOR_LOCAL_INIT_OP = "ready_for_local_init_op"
    SUMMARY_OP = "summary_op"
    GLOBAL_STEP = "global_step"
    TRAIN_OP = "train_op"
    COND_CONTEXT = "cond_context"
    WHILE_CONTEXT = "while_context"
    EVAL_STEP = "eval_step"
    STREAMING_MODEL_PORTS = "streaming_model_ports"


def device(device_name_or_function: Any):
    """``with tf.device("/gpu:0"):`` is a placement hint for the ops made inside."""
    return nullcontext() if context.executing_eagerly() else get_default_graph().device(device_name_or_function)


def add_to_collection(name: Any, value: Any) -> None:
    """File `value` under `name` in the default graph."""
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names: Any, value: Any) -> None:
    """File `value` under each of `names` in the default graph."""
    get_default_graph().add_to_collections(names, value)


def get_collection(key: Any, scope: str | None = None) -> list:
    """What the default graph has under `key`, as a new list; with `scope`, only names that match that pattern."""
    return [] if context.executing_eagerly() else get_default_graph().get_collection(key, scope)


def get_collection_ref(key: Any) -> list:
    """The default graph's own list under `key`: changing it changes the collection."""
    return [] if context.executing_eagerly() else get_default_graph().get_collection_ref(key)
