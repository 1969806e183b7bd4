"""The process-wide mode, set for one test and put back."""

from contextlib import contextmanager

from tensorglass import context, eager, shapes


@contextmanager
def mode(name):
    """Inside: ``"root"`` (eager, TensorFlow 2's ``==`` and shapes) or ``"v1"`` (graph mode); stacks empty."""
    saved = context._graph_mode, context._global_graph, context._tensor_equality, shapes._v1_dimensions
    graphs, sessions = context.stacks.graphs, context.stacks.sessions
    context.stacks.graphs, context.stacks.sessions = [], []
    context._global_graph = None
    checks = context.checks_numerics()
    context.disable_check_numerics()
    eager.reset_random_states()
    one = name == "v1"
    (context.disable_eager_execution if one else context.enable_eager_execution)()
    context.set_tensor_equality(not one)
    shapes.use_dimensions(one)
    try:
        yield
    finally:
        context._graph_mode, context._global_graph, context._tensor_equality, dimensions = saved
        shapes.use_dimensions(dimensions)
        (context.enable_check_numerics if checks else context.disable_check_numerics)()
        context.stacks.graphs, context.stacks.sessions = graphs, sessions
