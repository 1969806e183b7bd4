"""Every op type has its formulas: forward, and for each operand that its gradient rule gives something to."""

import importlib
import json
import pkgutil
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import samples
import test_every_op as every  # which imports all ops and all samples

import tensorglass as tg
import tensorglass.ops
from tensorglass.explore.formulas import _rendered, formula, render
from tensorglass.op import REGISTRY

for module in pkgutil.iter_modules(tensorglass.ops.__path__):
    importlib.import_module(f"tensorglass.ops.{module.name}")

OLD = "mathml.json is out of date: run tools/formulas.py --write"
ELEMENTS = "math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd"
ATTRIBUTES = "displaystyle scriptlevel stretchy fence form accent lspace rspace width columnalign mathvariant"


def given_a_gradient(op_type, monkeypatch):
    """The sets of differentiable operands that the rule of `op_type` gives a gradient, one for each call of it."""
    stanza = REGISTRY[op_type]
    rule, calls = stanza.grad, []

    def watched(node, *dys):
        found = rule(node, *dys)
        listed = list(found) if isinstance(found, (list, tuple)) else [found]
        owners = [o.name for o in stanza.operands for _ in range(node.attrs[o.counter] if o.counter else 1)]
        pairs = zip(owners, node.inputs, listed, strict=False)
        calls.append({owner for owner, t, g in pairs if g is not None and t.dtype.is_differentiable})
        return found

    monkeypatch.setattr(stanza, "grad", watched)
    for generator in samples.SAMPLES[op_type]:
        for case in generator(np.random.default_rng(0)):
            for form in every.forms(case):
                graph, results, feeds = every.build(case, every.prepared(case), form)
                with graph.as_default():
                    for _ in range(case.first + case.second):
                        if not case.first or not every.differentiable(results) or not every.differentiable(feeds):
                            break
                        results = [g for g in every.gradients_of(results, feeds) if g is not None]
                yield from calls
                calls.clear()


@pytest.mark.parametrize("op_type", sorted(REGISTRY))
def test_has_a_formula(op_type):
    found = formula(op_type)
    assert found is not None, f"no formula for {op_type}: add one in src/tensorglass/explore/formulas"
    assert found["latex"]
    operands = {o.name: o for o in REGISTRY[op_type].operands}
    for rule in found["vjp"]:
        operand = operands[rule["operand"]]
        assert operand.mode == "", "a host operand has no gradient"
        assert rule["list"] == bool(operand.counter)
        assert REGISTRY[op_type].operands[rule["slot"]] is operand
    assert len({rule["slot"] for rule in found["vjp"]}) == len(found["vjp"])


@pytest.mark.parametrize("op_type", sorted({t for t in REGISTRY if REGISTRY[t].grad is not None} - every.BARRIERS))
def test_reverse_formulas_are_those_of_the_rule(op_type, monkeypatch):
    claimed = {rule["operand"] for rule in formula(op_type)["vjp"]}
    seen = set()
    for given in given_a_gradient(op_type, monkeypatch):
        assert given <= claimed, f"no reverse formula of {op_type} for {sorted(given - claimed)}"
        seen |= given
        if seen == claimed:
            return
    assert seen == claimed, f"no gradient of {op_type} for {sorted(claimed - seen)}, which have a reverse formula"


@pytest.mark.parametrize("op_type", sorted({t for t in REGISTRY if REGISTRY[t].grad is None} | every.BARRIERS))
def test_what_has_no_gradient_has_no_reverse_formula(op_type):
    assert formula(op_type)["vjp"] == []


def test_no_formula_is_of_nothing():
    assert render.formulas().keys() <= REGISTRY.keys()
    for op_type, (_, rules) in render.formulas().items():
        assert rules.keys() <= {o.name for o in REGISTRY[op_type].operands}, op_type


def test_the_file_holds_what_is_written():
    written = render.formulas()
    assert list(_rendered()) == sorted(written), OLD
    for op_type, (latex, rules) in written.items():
        found = formula(op_type)
        assert found["latex"] == latex, OLD
        assert {rule["operand"]: rule["latex"] for rule in found["vjp"]} == rules, OLD


def test_the_file_is_what_the_converter_gives():
    pytest.importorskip("latex2mathml")
    assert _rendered() == render.rendered(), OLD


@pytest.mark.parametrize("op_type", sorted(_rendered()))
def test_mathml_is_plain(op_type):
    found = formula(op_type)
    for entry in (found, *found["vjp"]):
        root = ET.fromstring(entry["mathml"])
        assert root.tag == "math"
        for element in root.iter():
            assert element.tag in ELEMENTS.split()
            assert element.attrib.keys() <= set(ATTRIBUTES.split())
        text = "".join(root.itertext())
        assert "\\" not in text
        assert not re.search(r"[{}]\w", text) or "\\{" in entry["latex"] or "cases" in entry["latex"]


@pytest.mark.parametrize("area", render.AREAS, ids=lambda area: area.__name__.rpartition(".")[2])
def test_rules_read_x_gets(area):
    """x̄ ← x̄ + ..., and no mention of a gradient that is not one: bars are over single symbols."""
    for op_type, (_, rules) in area.FORMULAS.items():
        for text in rules.values():
            assert re.match(r"(\\begin\{array\}\{l\} )?\\bar\{\S+\}.* \\leftarrow \\bar\{", render.rule(text)), op_type


# Operations of one's own


def double(**attributes):
    def compute(self, x):
        return 2 * x

    return type("double", (tg.Operation,), {"compute": compute, **attributes})


def test_an_operation_of_ones_own_has_none():
    assert formula("double", double()) is None
    assert formula("of nobody") is None


def test_an_operation_of_ones_own_declares_it():
    found = formula("double", double(latex="y = 2 x", latex_gradient=[r"\bar x \leftarrow \bar x + 2 \bar y", None]))
    assert found["latex"] == "y = 2 x"
    assert [(rule["slot"], rule["latex"]) for rule in found["vjp"]] == [(0, r"\bar x \leftarrow \bar x + 2 \bar y")]
    json.dumps(found)


def test_a_single_text_is_that_of_the_first_input():
    found = formula("double", double(latex_gradient=r"\bar x \leftarrow 2 \bar y"))
    assert found["latex"] is found["mathml"] is None
    assert found["vjp"][0]["latex"] == r"\bar x \leftarrow 2 \bar y"


def test_own_formulas_are_rendered_where_the_converter_is(monkeypatch):
    pytest.importorskip("latex2mathml")
    assert formula("double", double(latex="y = 2 x"))["mathml"].startswith("<math")
    monkeypatch.setitem(__import__("sys").modules, "latex2mathml.converter", None)
    assert formula("double", double(latex="y = 2 x")) == {"latex": "y = 2 x", "mathml": None, "vjp": []}


def test_own_formulas_bring_no_links_and_no_scripts():
    pytest.importorskip("latex2mathml")
    for text in (
        r"\href{javascript:alert(1)}{x}",
        r"\text{</math><script>alert(1)</script>}",
        r"x \style{color:red}{y}",
    ):
        shown = formula("double", double(latex=text))["mathml"] or ""
        assert "<script" not in shown
        assert "href" not in shown
        assert " style=" not in shown
