"""One op, one stanza: `@op` turns a kernel into the function that users call.

Third stop of the walk.  A stanza is a kernel ``f(xp, operands..., *, attributes...)`` with a signature string, a shape
rule and a gradient.  Calling it builds a node where a graph is the default and computes at once where none is.  The
signature string does the dtype work for every op:

    "T, T -> T where T: float|int"     two operands of one type, result of that type
    "T, host Tidx -> T"                `host`: the kernel wants a concrete value (axes, shapes), never a traced one
    "T, like U -> T"                   `like`: only the operand's shape is used
    "N*T -> T"                         a list of N operands
    "ref T, T -> ref T"                `ref`: a variable that the kernel reads and gives a new value to
    "set T, ..." / "peek T -> bool"    a variable that is only written / that may still be uninitialized
    "N*any -> N*any"                   a list whose elements each have their own type
    "T -> DstT"                        a result type named by an attribute
    "T -> M*Tout"                      M results, their types listed by an attribute
"""

from __future__ import annotations

import inspect
from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, overload

import numpy as np

from . import context, dtypes, errors, shapes
from .convert import constant_tensor, convert_to_tensor, frozen, holds_tensor, to_array
from .dtypes import KINDS, DType, as_dtype, int32, untyped
from .graph import Graph, Operation, Tensor

__all__ = ["REGISTRY", "Op", "convert_to_tensor", "op"]

P = ParamSpec("P")  # the parameters of a kernel after `xp`, so that editors show them
REGISTRY: dict[str, Op] = {}
_MODES = ("host", "like", "ref", "set", "peek")
_VARIABLE = ("ref", "set", "peek")  # modes of operands that are variables


class Operand(NamedTuple):
    """One operand or result of a signature."""

    name: str
    type: str  # a type variable, or the name of a concrete type
    fixed: DType | None  # the concrete type
    mode: str  # "", or one of _MODES
    counter: str  # for a list of operands, the attribute that counts them


class Op(Generic[P]):
    """An op type: how to call it, compute it, infer its shape and differentiate it."""

    def __init__(self, op_type: str, signature: str, kernel: Callable, shape: Callable, **options: Any):
        self.type = op_type
        self.kernel = kernel
        self.shape_rule = shape
        self.default_name: str = options.pop("name", op_type)
        self.differentiable: bool = options.pop("differentiable", True)
        self.draws: Callable | None = options.pop("draws", None)  # initial state of a random op, from its node
        self.host: str = options.pop("host", "")  # why this op cannot be compiled, where it cannot
        self.partial: bool = options.pop("partial", False)  # its gradient rule takes None for an unused output
        self.alias: bool = options.pop("alias", False)  # the kernel returns its first input itself
        self.effect: bool = options.pop("effect", False)  # runs for what it does, so it is never folded away
        self.analytic: bool = options.pop("analytic", False)  # its gradient rule is f′ of a complex variable
        self.holds: tuple[str, ...] = options.pop("holds", ())  # attributes that are graphs of their own
        result_names = options.pop("outputs", ())
        if options:
            raise TypeError(f"@op({op_type!r}): unknown options {sorted(options)}")
        self.grad: Callable | None = None
        self.signature = signature
        parameters = list(inspect.signature(kernel).parameters.values())[2 if self.draws else 1 :]
        names = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
        self._parse(signature, names)
        self.attr_names = tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)
        self.defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is not p.empty}
        self.has_refs = any(o.mode in ("ref", "set") for o in self.operands)
        self.effect = self.effect or self.has_refs
        self.has_lists = any(o.counter for o in self.operands)
        self.n = len(self.operands)
        self._wrap = namedtuple(op_type, result_names) if result_names else None
        self.__wrapped__ = kernel
        self.__name__ = self.__qualname__ = kernel.__name__
        self.__module__ = kernel.__module__
        self.__doc__ = kernel.__doc__
        self.__signature__ = inspect.Signature(
            [
                *(p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in parameters),
                inspect.Parameter("name", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None),
            ]
        )

    def _parse(self, signature: str, names: list[str]) -> None:
        body, _, where = signature.partition(" where ")
        left, _, right = body.partition("->")
        allowed = dict(clause.split(":") for clause in where.split(",")) if where else {}
        kinds = {k.strip(): v.strip().split("|") for k, v in allowed.items()}
        self.allowed = {
            var: tuple(d for kind in kind_names for d in KINDS.get(kind) or (as_dtype(kind),))
            for var, kind_names in kinds.items()
        }
        self.index_vars = {var for var, kind_names in kinds.items() if kind_names == ["index"]}
        texts = [t.strip() for t in left.split(",") if t.strip()]
        if len(texts) != len(names):
            raise TypeError(f"{self.type}: signature {signature!r} has {len(texts)} operands, the kernel {names}")
        self.operands = tuple(_operand(t, n) for t, n in zip(texts, names, strict=True))
        self.results = tuple(_operand(t.strip(), "") for t in right.split(",") if t.strip())

    # -- calling

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any: ...
    @overload
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...  # attributes by position, and `name`

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = kwargs.pop("name", None) if kwargs else None
        if len(args) == self.n and not kwargs:
            operands, attrs = args, self.defaults
        else:
            operands, attrs, name = self._bind(args, kwargs, name)
        graph = context.current_graph()
        if graph is None:
            graph = _graph_of(operands)
            if graph is None:
                from .eager import execute

                if context.tracer is not None:
                    return context.tracer.executed(self, operands, attrs, name)
                return execute(self, operands, attrs)
            with graph.as_default():
                return self._build(graph, operands, attrs, name)
        return self._build(graph, operands, attrs, name)

    def _bind(self, args: Sequence[Any], kwargs: dict[str, Any], name: str | None):
        """Arguments by position or name -> (operands, attributes, name)."""
        order = (*(o.name for o in self.operands), *self.attr_names, "name")
        if len(args) > len(order):
            raise TypeError(f"{self.__name__}() takes at most {len(order)} arguments ({len(args)} given)")
        given = dict(zip(order, args, strict=False))
        for key, value in kwargs.items():
            if key in given:
                raise TypeError(f"{self.__name__}() got multiple values for argument '{key}'")
            if key not in order:
                raise TypeError(f"{self.__name__}() got an unexpected keyword argument '{key}'")
            given[key] = value
        name = given.pop("name", name)
        missing = [k for k in order[:-1] if k not in given and k not in self.defaults]
        if missing:
            raise TypeError(f"{self.__name__}() missing required argument: '{missing[0]}'")
        operands = tuple(given.pop(o.name) for o in self.operands)
        return operands, {**self.defaults, **given}, name

    # -- dtypes

    def unify(self, values: list[Any], attrs: dict[str, Any], eager: bool) -> dict[str, DType]:
        """The type variables of one call, from the operands that have a type and then from literals.

        `values` is parallel to `operands`; literals in it are replaced by arrays of the right type.
        """
        types: dict[str, DType] = {}
        first: dict[str, str] = {}
        literals = []
        for i, spec in enumerate(self.operands):
            var = spec.type
            if spec.fixed is None and var in attrs and attrs[var] is not None:
                types[var] = as_dtype(attrs[var]).base_dtype
            for value in values[i] if spec.counter else (values[i],):
                if not isinstance(value, Tensor):
                    literals.append(i)
                    continue
                if var == "any":
                    continue
                dtype = value._dtype.base_dtype
                known = spec.fixed or types.get(var)
                if known is None:
                    types[var], first[var] = dtype, spec.name
                elif known is not dtype:
                    if untyped in (known, dtype):
                        types[var] = untyped
                    else:
                        raise self._mismatch(eager, i, spec, dtype, known, first.get(var))
        for i in dict.fromkeys(literals):
            spec = self.operands[i]
            default = int32 if spec.type in self.index_vars else None
            items = values[i] if spec.counter else [values[i]]
            for j, value in enumerate(items):
                if isinstance(value, Tensor):
                    continue
                try:
                    items[j] = to_array(value, spec.fixed or types.get(spec.type), default)
                except TypeError as error:
                    raise type(error)(f"{error} (argument '{spec.name}' of {self.type})") from None
                if spec.fixed is None and spec.type != "any":
                    types.setdefault(spec.type, as_dtype(items[j].dtype))
            if not spec.counter:
                values[i] = items[0]
        for var, allowed in self.allowed.items():
            if var in types and types[var] not in allowed and types[var] is not untyped:
                raise self._not_allowed(eager, var, types[var], allowed)
        return types

    def _mismatch(self, eager: bool, i: int, spec: Operand, dtype: DType, known: DType, partner: str | None):
        if eager:
            return errors.InvalidArgumentError(
                None, None,
                f"cannot compute {self.type} as input #{i}(zero-based) was expected to be a {known.name} tensor but "
                f"is a {dtype.name} tensor [Op:{self.type}] Convert one side with tf.cast(x, tf.{known.name}).",
            )  # fmt: skip
        other = f"type {known.name} of argument '{partner}'" if partner else f"expected type of {known.name}"
        return TypeError(
            f"Input '{spec.name}' of '{self.type}' Op has type {dtype.name} that does not match {other}. "
            f"Types are never promoted: convert one side with tf.cast(x, tf.{known.name})."
        )

    def _not_allowed(self, eager: bool, var: str, dtype: DType, allowed: tuple[DType, ...]):
        argument = next((o.name for o in self.operands if o.type == var), var)
        names = ", ".join(d.name for d in allowed)
        if eager:
            return errors.InvalidArgumentError(
                None, None,
                f"Value for attr '{var}' of {dtype.name} is not in the list of allowed values: {names} "
                f"[Op:{self.type}]",
            )  # fmt: skip
        return TypeError(
            f"Value passed to parameter '{argument}' of {self.type} has DataType {dtype.name} not in list of allowed "
            f"values: {names}"
        )

    # -- building a node

    def _build(self, graph: Graph, operands: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Any:
        if graph._finalized:
            graph._check_not_finalized()
        name = graph.unique_name(name or self.default_name)
        attrs = dict(attrs)
        values, flat = [], True
        for value, spec in zip(operands, self.operands, strict=True):
            if spec.counter:
                flat = False
                value = self._listed(value, spec)
                attrs[spec.counter] = len(value)
                values.append([_readied(v, spec, f"{name}/{spec.name}") for v in value])
            elif value.__class__ is Tensor and spec.mode not in _VARIABLE:
                values.append(value)
            else:
                values.append(_readied(value, spec, f"{name}/{spec.name}"))
        if values:
            attrs.update(self.unify(values, attrs, eager=False))
        for i, value in enumerate(values):
            if value.__class__ is list:
                values[i] = [
                    v if v.__class__ is Tensor else _literal(v, f"{name}/{self.operands[i].name}_{j}/")
                    for j, v in enumerate(value)
                ]
            elif value.__class__ is not Tensor:
                values[i] = _literal(value, f"{name}/{self.operands[i].name}")
        inputs = tuple(values) if flat else tuple(t for v in values for t in (v if isinstance(v, list) else (v,)))
        for t in inputs:
            if t.op.graph is not graph:
                user = f"{name} ({self.type})"
                inputs = tuple(t if t.op.graph is graph else graph._capture(t, user) for t in inputs)
                break
        node = Operation.__new__(Operation)
        node._place(graph, self.type, name, inputs, attrs, self)
        node.outputs = self._outputs(node)
        graph._append(node)
        return self.wrap(node.outputs, node)

    def _listed(self, value: Any, spec: Operand) -> list:
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"Expected list for '{spec.name}' argument to '{self.type}' Op, not {value!r}.")
        return list(value)

    def _outputs(self, node: Operation) -> tuple[Tensor, ...]:
        if not self.results:
            return ()
        try:
            shape = self.shape_rule(node)
        except ValueError as error:
            message = f"{error} for '{node.name}' (op: '{self.type}') with input shapes: " + ", ".join(
                shapes.text(t._shape) for t in node.inputs
            )
            raise ValueError(message + "." + errors.describe(node)) from None
        results = self._result_types(node)
        if len(results) == 1 and not self.results[0].counter:
            return (Tensor(node, 0, results[0], shape),)
        return tuple(Tensor(node, i, d, s) for i, (d, s) in enumerate(zip(results, shape, strict=True)))

    def _result_types(self, node: Operation) -> list[DType]:
        types, attrs = [], node.attrs
        for r in self.results:
            if r.type == "any":
                types += [t._dtype.base_dtype for t in node.inputs[: attrs[r.counter]]]
                continue
            named = r.fixed or attrs[r.type]
            if isinstance(named, tuple):
                types += [as_dtype(d) for d in named]
                continue
            dtype = named if named.__class__ is DType else as_dtype(named)
            types += [dtype._as_ref if r.mode == "ref" else dtype] * (attrs[r.counter] if r.counter else 1)
        return types

    def arranged(self, flat: Sequence[Any], attrs: dict[str, Any]) -> Sequence[Any]:
        """One item for each operand, from the flat inputs of a node: lists are put together again."""
        if not self.has_lists:
            return flat
        items, at = [], 0
        for spec in self.operands:
            n = attrs[spec.counter] if spec.counter else 1
            items.append(list(flat[at : at + n]) if spec.counter else flat[at])
            at += n
        return items

    def wrap(self, outputs: Sequence[Any], node: Any) -> Any:
        """Outputs as the caller gets them: one, a named tuple, a list, or the operation itself when there is none."""
        if not outputs and (not self.results or isinstance(node.attrs.get(self.results[0].type), tuple)):
            return node
        if self._wrap is not None:
            return self._wrap(*outputs)
        if len(self.results) == 1:
            return list(outputs) if self.results[0].counter else outputs[0]
        return tuple(outputs)

    # -- differentiating

    def gradient(self, rule: Callable) -> Callable:
        """Decorator: `rule(node, *output gradients)` gives the gradient of each operand, built of public ops."""
        self.grad = rule
        return rule

    def __repr__(self) -> str:
        return f"<op {self.type}{self.__signature__}: {self.signature}>"


def op(
    op_type: str, signature: str, *, shape: Callable = shapes.unknown, **options: Any
) -> Callable[[Callable[Concatenate[Any, P], Any]], Op[P]]:
    """Decorator that defines an op type from its kernel; see the module's docstring and CONTRIBUTING.md.

    Options: ``name`` (default node name), ``differentiable=False`` (it has no gradient, on purpose), ``outputs``
    (names of several results), ``draws`` (initial state of a random op), ``host`` (why it cannot be compiled),
    ``partial`` (its rule takes None for outputs that got no gradient), ``alias`` (returns its input), ``effect``
    (never folded), ``analytic`` (for complex numbers the rule gives dy · f′ and the driver conjugates f′).
    """

    def define(kernel: Callable[Concatenate[Any, P], Any]) -> Op[P]:
        if op_type in REGISTRY:
            code = REGISTRY[op_type].kernel.__code__
            raise KeyError(
                f"Registering two ops with type '{op_type}'! "
                f"(Previous registration was in {code.co_filename}:{code.co_firstlineno})"
            )
        REGISTRY[op_type] = definition = Op(op_type, signature, kernel, shape, **options)
        return definition

    return define


def _operand(text: str, name: str) -> Operand:
    count, _, rest = text.rpartition("*")
    mode, _, type_name = rest.rpartition(" ")
    if mode not in ("", *_MODES):
        raise TypeError(f"unknown mode {mode!r} in signature")
    named = getattr(dtypes, type_name, None)
    fixed = named if isinstance(named, DType) else None
    return Operand(name, type_name, fixed, mode, count)


def _readied(value: Any, spec: Operand, name: str) -> Any:
    """An operand as a tensor where it stands for one, else the literal itself."""
    if spec.mode in _VARIABLE:
        value = value._ref() if hasattr(value, "_ref") else value
        if not (isinstance(value, Tensor) and value._dtype._is_ref_dtype):
            raise TypeError(f"Input '{spec.name}' needs a mutable tensor (a tf.Variable), got {value!r}")
        return value
    if hasattr(value, "_to_tensor"):
        value = value._to_tensor()
    if isinstance(value, (list, tuple)) and holds_tensor(value):
        return convert_to_tensor(value, name=name + "/")
    return value


def _literal(value: Any, name: str) -> Tensor:
    """A constant node for a literal operand (an eager tensor enters a graph as a constant too)."""
    array = value._array() if isinstance(value, Tensor) else value  # type: ignore[attr-defined]
    return constant_tensor(frozen(np.asarray(array)), name if name.endswith("/") else name + "/")


def _graph_of(operands: Sequence[Any]) -> Graph | None:
    """The graph of the first symbolic operand, where there is one."""
    for value in operands:
        if value.__class__ is Tensor:
            return value.op.graph
        if isinstance(value, (list, tuple)):
            if (found := _graph_of(value)) is not None:
                return found
        elif hasattr(value, "_symbolic_graph"):
            return value._symbolic_graph()
    return None
