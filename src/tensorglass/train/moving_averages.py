"""`ExponentialMovingAverage`: smoothed copies of variables, often better than the variables themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import context, dtypes
from ..convert import convert_to_tensor
from ..graph import get_default_graph
from ..graph_keys import GraphKeys
from ..initializers import Zeros
from ..names import scope
from ..ops.cast import cast
from ..ops.control import control_dependencies, group
from ..ops.elementwise import minimum, pow
from ..ops.state import assign, assign_add, assign_sub
from ..variable_scope import get_variable, get_variable_scope, variable_scope
from ..variables import Variable, global_variables, moving_average_variables, trainable_variables
from .slots import create_slot, create_zeros_slot


def assign_moving_average(
    variable: Any, value: Any, decay: Any, zero_debias: bool = True, name: str | None = None
) -> Any:
    """w ← w − (1 − d) (w − x), which is d w + (1 − d) x; its value is the new one.

    With ``zero_debias`` w is taken to have started at zero and is divided by 1 − dᵗ, so that it is a true weighted mean
    from the first step on; the sum and the count are kept in ``<w>/biased`` and ``<w>/local_step``.

    Kingma, Ba, Adam: a method for stochastic optimization, ICLR 2015, section 3 (the correction).
    """
    with scope(name, "AssignMovingAvg", [variable, value]) as full:
        dtype = variable.dtype.base_dtype
        gain = 1.0 - cast(convert_to_tensor(decay, name="decay"), dtype)
        value = cast(value, dtype)
        if zero_debias:
            return assign(variable, _unbiased(variable, value, gain), name=full or None)
        return assign_sub(variable, (variable - value) * gain, name=full or None)


def _unbiased(variable: Any, value: Any, gain: Any) -> Any:
    """The mean of all values so far, weighted by gain · (1 − gain)^age and divided by the sum of the weights."""
    with variable_scope(variable.op.name, values=[variable, value, gain], auxiliary_name_scope=False):
        biased = get_variable(_free_name("biased"), variable.shape, variable.dtype.base_dtype, Zeros(), trainable=False)
        steps = get_variable(_free_name("local_step"), [], variable.dtype.base_dtype, Zeros(), trainable=False)
    total = assign_sub(biased, (biased - value) * gain)
    count = assign_add(steps, 1.0)
    return total / (1.0 - pow(1.0 - gain, count))


def _free_name(name: str) -> str:
    """`name`, or with a number where the current scope has such a variable."""
    here = get_variable_scope()
    taken = {v.op.name for v in here.global_variables()}
    if here.reuse or f"{here.name}/{name}" not in taken:
        return name
    i = 1
    while f"{here.name}/{name}_{i}" in taken:
        i += 1
    return f"{name}_{i}"


class ExponentialMovingAverage:
    """x̄ ← d x̄ + (1 − d) x for each of some variables or tensors x.

    ``decay`` d is near 1: 0.999 averages over about the last 1000 steps.  ``num_updates``, the number of steps so far,
    makes it min(d, (1 + n) / (10 + n)), so that averages move fast at first.  The average of a variable starts at its
    initial value, that of a tensor at zero; ``zero_debias`` corrects the latter.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     w = tg.Variable(0.0, name="w")
    ...     ema = ExponentialMovingAverage(0.5)
    ...     maintain = ema.apply([w])
    ...     session = tg.Session()
    ...     session.run(maintain)
    ...     _ = session.run(w.assign(8.0))
    ...     session.run(maintain)
    ...     print(session.run(ema.average(w)), ema.average_name(w))
    4.0 w/ExponentialMovingAverage

    Polyak, Juditsky, Acceleration of stochastic approximation by averaging, 1992.
    """

    def __init__(
        self,
        decay: Any,
        num_updates: Any = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ):
        self._decay = decay
        self._num_updates = num_updates
        self._zero_debias = zero_debias
        self._name = name
        self._averages: dict[Any, Variable] = {}  # ref of a variable or tensor -> its average

    @property
    def name(self) -> str:
        return self._name

    def apply(self, var_list: Sequence[Any] | None = None) -> Any:
        """An operation that updates the averages of ``var_list`` (all trainable variables by default).

        The first call for a variable makes its average.  Run it after each training step; made under
        ``control_dependencies([train])`` it does both, and averages what the step has come to.
        """
        tracked = trainable_variables() if var_list is None else list(var_list)
        biased = []
        for x in tracked:
            if x.dtype.base_dtype not in (dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64):
                raise TypeError(f"The variables must be half, float, or double: {x.name}")
            if x.ref() in self._averages:
                continue
            average = self._new_average(x)
            if self._zero_debias and not isinstance(x, Variable):
                biased.append(average)
            self._averages[x.ref()] = average
        with scope(self._name, self._name) as full:
            decay: Any = convert_to_tensor(self._decay, name="decay")
            if self._num_updates is not None:
                n = cast(self._num_updates, dtypes.float32, name="num_updates")
                decay = minimum(decay, (1.0 + n) / (10.0 + n))
            updates = []
            for x in tracked:
                average = self._averages[x.ref()]
                value = x.read_value() if isinstance(x, Variable) else x  # a read that sees the step it waits for
                corrects = any(average is b for b in biased)
                updates.append(assign_moving_average(average, value, decay, zero_debias=corrects))
            return group(*updates, name=full or None)

    def _new_average(self, x: Any) -> Variable:
        with control_dependencies(None):  # starting values wait for no training step
            if not isinstance(x, Variable):
                return create_zeros_slot(x, self._name)
            if not context.executing_eagerly():
                get_default_graph().add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, x)
            return create_slot(x, x.initialized_value(), self._name)

    def average(self, var: Any) -> Variable | None:
        """The variable that holds the average of `var`, None where `apply` was not called for it."""
        return self._averages.get(var.ref())

    def average_name(self, var: Any) -> str:
        """The name of the variable that holds, or would hold, the average of `var`."""
        if var.ref() in self._averages:
            return self._averages[var.ref()]._shared_name
        if isinstance(var, Variable):
            return f"{var._shared_name}/{self._name}"
        return get_default_graph().unique_name(f"{var.op.name}/{self._name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables: Sequence[Any] | None = None) -> dict[str, Any]:
        """{name in the checkpoint: variable}, with averages in the place of the variables they belong to.

        For ``Saver(ema.variables_to_restore())``: a model restored by it computes with the averages.
        """
        if moving_avg_variables is None:
            moving_avg_variables = [*trainable_variables(), *moving_average_variables()]
        averaged = {v.ref(): v for v in moving_avg_variables}
        names = {self.average_name(v): v for v in averaged.values()}
        taken = {v._shared_name for v in averaged.values()}
        for v in global_variables():
            if v.ref() not in averaged and v._shared_name not in taken and v._shared_name not in names:
                names[v._shared_name] = v
        return names
