"""The layered layout: nothing overlaps, edges lead down, few of them cross, scopes fold, and quickly."""

import itertools
import json
import random
import time
from pathlib import Path

import pytest
from graphs import Sketch, chain, diamond, mlp, rnn, transformer

from tensorglass.explore.layers import Rows, acyclic, apart, levels
from tensorglass.explore.layout import cut, edges_of, layout, node_size, text_width

XOR = Path(__file__).parents[1] / "fixtures" / "graphtrace" / "xor.json"

GRAPHS = {
    "chain": lambda: chain(12),
    "diamond": diamond,
    "mlp": mlp,
    "xor": lambda: json.loads(XOR.read_text(encoding="utf-8"))["nodes"],
    "transformer": lambda: transformer(2),
    "rnn": lambda: rnn(8),
    "tangle": lambda: tangle(60),
}


def tangle(count: int) -> list[dict]:
    """Nodes that take any earlier ones, some of them twice."""
    g, draw = Sketch(), random.Random(7)
    ids = [g.placeholder("x")]
    for _ in range(count):
        g.scope = draw.choice(["", "a", "a/b", "c"])
        ids.append(g("op", *draw.choices(ids, k=draw.choice([0, 1, 1, 2, 3]))))
    return g.nodes


def test_levels_are_longest_paths_and_sources_sink_to_their_consumers():
    assert levels(5, [(0, 1), (1, 2), (2, 3), (4, 3)]) == [0, 1, 2, 3, 2]
    assert levels(0, []) == []


def test_a_product_that_only_waits_sinks_with_its_operands():
    """x_t @ W of a late time step stands beside that step, not at the top where it could be computed already."""
    edges = [(0, 1), (1, 2), (2, 3), (4, 6), (5, 6), (6, 3)]
    assert levels(7, edges)[4:] == [1, 1, 2]


def test_cycles_are_broken_by_turning_edges():
    edges = acyclic(3, [(0, 1), (1, 2), (2, 0), (1, 1), (0, 1)])
    assert sorted(edges) == [(0, 1), (0, 2), (1, 2)]


def test_apart_is_the_least_squares_projection():
    wants, least, weights = [0.0, 1.0, 0.5, 9.0], [0.0, 2.0, 4.0, 6.0], [1.0, 2.0, 1.0, 1.0]
    found = apart(wants, least, weights)
    gaps = [b - a for a, b in itertools.pairwise(least)]
    assert all(b - a >= gap - 1e-9 for (a, b), gap in zip(itertools.pairwise(found), gaps, strict=True))

    def cost(xs):
        return sum(w * (x - want) ** 2 for x, want, w in zip(xs, wants, weights, strict=True))

    draw = random.Random(1)
    for _ in range(2000):
        other = sorted(x + draw.gauss(0, 0.5) for x in found)
        if all(b - a >= gap for (a, b), gap in zip(itertools.pairwise(other), gaps, strict=True)):
            assert cost(other) >= cost(found) - 1e-9


@pytest.mark.parametrize("direction", ["tb", "lr"])
@pytest.mark.parametrize("fold", [None, []], ids=["folded", "flat"])
@pytest.mark.parametrize("name", GRAPHS)
def test_boxes_do_not_overlap_and_lines_lead_from_border_to_border(name, fold, direction):
    nodes = GRAPHS[name]()
    found = layout(nodes, direction=direction, fold=fold)
    boxes = visible(found)
    for a, b in itertools.combinations(boxes.values(), 2):
        assert not overlap(a, b)
    width, height = found["size"]
    for x, y, w, h in boxes.values():
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height
    ahead = 0 if direction == "lr" else 1
    for edge in found["edges"]:
        start, end = found["nodes"][edge["from"]], found["nodes"][edge["to"]]
        points = edge["points"]
        down = start[ahead] < end[ahead]
        assert on_border(points[0], start)
        assert on_border(points[-1], end)
        for p, q in itertools.pairwise(points):
            assert (p[ahead] < q[ahead]) == down
        assert down or any(g["collapsed"] for g in found["groups"]), "edges of an acyclic graph lead on"
        for box in boxes.values():
            if box not in (start, end):
                assert not any(meets(p, q, box) for p, q in itertools.pairwise(points))


@pytest.mark.parametrize(
    ("nodes", "most"),
    [
        (chain(12), 0),
        (diamond(), 0),
        (mlp(), 0),
        (transformer(2), 2),
        (transformer(12), 12),
        (rnn(8), 30),
        (rnn(30), 120),
    ],
    ids=["chain", "diamond", "mlp", "transformer 2", "transformer 12", "rnn 8", "rnn 30"],
)
def test_few_lines_cross(nodes, most):
    at = {node["id"]: k for k, node in enumerate(nodes)}
    rows = Rows(len(nodes), acyclic(len(nodes), [(at[e["from"]], at[e["to"]]) for e in edges_of(nodes)]))
    assert rows.arrange() <= most


def test_crossings_are_counted_right():
    rows = Rows(4, [(0, 3), (1, 2)])
    rows._set([[0, 1], [2, 3]])
    assert rows.crossings() == 1
    rows._set([[0, 1], [3, 2]])
    assert rows.crossings() == 0
    assert rows.arrange() == 0


def test_the_same_graph_gives_the_same_picture():
    assert json.dumps(layout(tangle(80))) == json.dumps(layout(tangle(80)))
    assert layout(rnn(30, scopes=False)) == layout(rnn(30, scopes=False))


def test_a_long_rnn_is_quick_flat_and_folds_to_a_few_boxes():
    nodes = rnn(30)
    assert len(nodes) == 335
    start = time.process_time()
    layout(nodes, fold=[])
    assert time.process_time() - start < 2
    folded = layout(nodes)
    assert len(visible(folded)) < 60
    steps = [g for g in folded["groups"] if g["collapsed"]]
    assert [g["scope"] for g in steps] == ["step", *(f"step_{k}" for k in range(1, 30))]
    between = [e for e in folded["edges"] if e["from"] in steps[0]["nodes"] and e["to"] in steps[1]["nodes"]]
    assert [len(e["also"]) for e in between] == [1], "state and loss go on in one line"


def test_alike_scopes_fold_together():
    """Of two blocks' halves either both unfold or none."""
    scopes = {g["scope"]: g["collapsed"] for g in layout(transformer(2))["groups"]}
    assert scopes["block_0/attention"] == scopes["block_1/attention"]
    assert scopes["block_0/feed_forward"] == scopes["block_1/feed_forward"]
    assert sum(scopes.values()) == 2


def test_a_huge_graph_without_scopes_gets_boxes_of_successive_nodes():
    nodes = [{"id": f"n{k}", "name": f"square_{k}", "inputs": [f"n{k - 1}"] if k else []} for k in range(5000)]
    start = time.process_time()
    found = layout(nodes)
    assert time.process_time() - start < 2
    assert len(visible(found)) <= 60
    assert [len(g["nodes"]) for g in found["groups"][:2]] == [167, 167]
    many = layout([{"id": f"{k}{c}", "name": f"s{k}/{c}", "scope": f"s{k}"} for k in range(900) for c in "ab"])
    assert len(visible(many)) <= 60


def test_named_scopes_fold_and_nothing_else():
    nodes = mlp()
    found = layout(nodes, fold=["loss"])
    (loss,) = found["groups"]
    inside = [n["id"] for n in nodes if n["scope"] == "loss"]
    assert loss["collapsed"]
    assert loss["nodes"] == inside
    assert all(found["nodes"][i] == loss["box"] for i in inside)
    assert len(visible(found)) == len(nodes) - len(inside) + 1
    (loss,) = layout(nodes)["groups"]
    assert not loss["collapsed"]
    assert loss["nodes"] == inside


def test_a_folded_scope_that_makes_a_cycle_is_drawn_all_the_same():
    g = Sketch()
    g.scope = "s"
    a = g("first", g.placeholder("x"))
    g.scope = ""
    between = g("between", a)
    g.scope = "s"
    g("last", between)
    found = layout(g.nodes, fold=["s"])
    down, up = (e["points"] for e in found["edges"])
    assert down[0][1] < down[-1][1]
    assert up[0][1] > up[-1][1]
    assert on_border(up[0], found["nodes"][between])
    assert on_border(up[-1], found["nodes"][a])


def test_equal_inputs_have_an_end_each():
    g = Sketch()
    x = g.placeholder("x")
    g("multiply", x, x)
    first, second = layout(g.nodes)["edges"]
    assert (first["slot"], second["slot"]) == (0, 1)
    assert first["points"][-1] != second["points"][-1]


def test_control_edges_and_strangers():
    nodes = [{"id": "a"}, {"id": "b", "inputs": ["gone", "a"], "control": ["a"]}]
    assert [(e["from"], e["slot"]) for e in layout(nodes)["edges"]] == [("a", 1), ("a", None)]


def test_nothing_and_one_node():
    assert layout([])["nodes"] == {}
    assert layout([{"id": "a", "name": "a"}])["nodes"]["a"][:2] == [16.0, 16.0]
    with pytest.raises(ValueError, match="direction"):
        layout([], direction="up")


def test_names_fit_their_boxes():
    for name in ("x", "softmax", "MMMMMMMM", "ReadVariableOp_12", "a" * 300):
        width, _ = node_size({"id": "n0", "name": f"scope/{name}"})
        assert 100 <= width <= 200
    assert text_width(cut("W" * 90, 100)) <= 100


# -- helpers


def visible(found: dict) -> dict[str, list[float]]:
    """What is drawn: open nodes and folded scopes."""
    closed = [g for g in found["groups"] if g["collapsed"]]
    hidden = {i for g in closed for i in g["nodes"]}
    shown = {i: box for i, box in found["nodes"].items() if i not in hidden}
    return shown | {f"scope {g['scope']}": g["box"] for g in closed}


def overlap(a, b) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def on_border(point, box) -> bool:
    (x, y), (left, top, w, h) = point, box
    beside = abs(x - left) < 0.2 or abs(x - left - w) < 0.2
    above = abs(y - top) < 0.2 or abs(y - top - h) < 0.2
    return left - 0.2 <= x <= left + w + 0.2 and top - 0.2 <= y <= top + h + 0.2 and (beside or above)


def meets(p, q, box, room=0.5) -> bool:
    """Whether the segment from p to q passes the inside of `box` (clipped at its four sides)."""
    start, end = 0.0, 1.0
    for axis in (0, 1):
        low, high = box[axis] + room, box[axis] + box[axis + 2] - room
        a, d = p[axis], q[axis] - p[axis]
        if d == 0:
            if not low < a < high:
                return False
            continue
        enters, leaves = sorted(((low - a) / d, (high - a) / d))
        start, end = max(start, enters), min(end, leaves)
    return start < end
