"""Pictures of traces as SVG and DOT: well-formed, complete, the right things marked, and names are only text."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from graphs import mlp, rnn

from tensorglass.explore.dot import quoted, to_dot
from tensorglass.explore.layout import layout
from tensorglass.explore.moment import Moment, listed, number, resolved, short
from tensorglass.explore.svg import FORWARD, REVERSE, to_svg

XOR = Path(__file__).parents[1] / "fixtures" / "graphtrace" / "xor.json"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ["</script><img src=x onerror=alert(1)>", "\"'&]]><!--", 'a\\"b\n}\x00\x1b\u202e\ud800', "{{7*7}}${x}"]


@pytest.fixture(scope="module")
def xor() -> dict:
    return json.loads(XOR.read_text(encoding="utf-8"))


def tree(text: str) -> ET.Element:
    text.encode("utf-8")  # what could not be written to a file raises here
    return ET.fromstring(text)


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def box_of(root: ET.Element, name: str) -> ET.Element:
    """The group of the node whose full name starts so."""
    (found,) = [g for g in root.iter(f"{SVG}g") if (g.findtext(f"{SVG}title") or "").startswith(f"{name}, ")]
    return found


def outline(group: ET.Element) -> dict:
    return next(child.attrib for child in group if child.tag in (f"{SVG}rect", f"{SVG}polygon"))


def step_of(document: dict, phase: str, name: str) -> int:
    node = next(n["id"] for n in document["nodes"] if n["name"] == name)
    steps = document["runs"][0]["steps"]
    return next(k for k, step in enumerate(steps) if (step["phase"], step["node"]) == (phase, node))


def test_every_step_is_a_picture_of_all_nodes(xor):
    shown = {n["name"] for n in xor["nodes"] if n["phase"] == "forward"}
    for step in range(len(xor["runs"][0]["steps"])):
        root = tree(to_svg(xor, step=step))
        titles = {g.findtext(f"{SVG}title", "").split(",")[0] for g in root.iter(f"{SVG}g")}
        assert shown <= titles
    whole = tree(to_svg(xor, view="full"))
    assert {n["name"] for n in xor["nodes"]} <= {
        g.findtext(f"{SVG}title", "").split(",")[0] for g in whole.iter(f"{SVG}g")
    }


def test_it_says_what_it_is_to_those_who_do_not_see_it(xor):
    root = tree(to_svg(xor, step=0))
    assert root.attrib["role"] == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root.findtext(f"{SVG}title") == "XOR MLP"
    assert "Step 1 of" in (root.findtext(f"{SVG}desc") or "")


def test_values_appear_as_they_are_computed(xor):
    step = step_of(xor, "forward", "Sigmoid")
    before, after = tree(to_svg(xor, step=step - 1)), tree(to_svg(xor, step=step))
    assert texts(box_of(before, "Sigmoid"))[1:] == ["(?,2) float64"]
    value = xor["runs"][0]["steps"][step]["value"]
    assert texts(box_of(after, "Sigmoid"))[1:] == [short(value)[0]]
    assert outline(box_of(after, "Sigmoid"))["stroke-width"] == "3"
    assert outline(box_of(after, "Sigmoid"))["stroke"] == FORWARD
    assert outline(box_of(after, "add"))["stroke-width"] != "3"


def test_gradients_are_dashed_and_run_backwards(xor):
    step = step_of(xor, "reverse", "loss/mul")
    root = tree(to_svg(xor, step=step))
    here = box_of(root, "loss/mul")
    assert outline(here)["stroke"] == REVERSE
    assert "stroke-dasharray" in outline(here)
    assert any(text.startswith("∂ ") for text in texts(here))
    assert "stroke-dasharray" not in outline(box_of(root, "MatMul"))
    dashed = [p for p in root.iter(f"{SVG}path") if p.get("stroke") == REVERSE]
    assert len(dashed) == 1 + len(Moment(xor, step=step).sent), "and one in the legend"
    assert "sends its gradient to loss/Log" in " ".join(texts(root))


def test_shapes_tell_the_kinds_apart(xor):
    root = tree(to_svg(xor))
    assert box_of(root, "X").find(f"{SVG}polygon") is not None
    assert "rx" not in outline(box_of(root, "W_hidden"))
    assert outline(box_of(root, "Sigmoid"))["rx"] == "24"
    assert float(outline(box_of(root, "loss/Const"))["height"]) < 30


def test_updates_show_the_new_value(xor):
    last = xor["runs"][0]["steps"][-1]
    assert last["phase"] == "update"
    name = next(n["name"] for n in xor["nodes"] if n["id"] == last["node"])
    assert short(last["after"])[0] in texts(box_of(tree(to_svg(xor)), name))
    assert short(last["before"])[0] not in texts(box_of(tree(to_svg(xor)), name))


def test_print_and_slides_need_nothing_else(xor):
    text = to_svg(xor)
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', text)]
    assert min(sizes) >= 11
    for forbidden in ("<script", "<style", "href", "url(", "<image", "foreignObject", " id="):
        assert forbidden not in text
    root = tree(text)
    background = next(root.iter(f"{SVG}rect")).attrib
    assert (background["fill"], background["width"]) == ("#ffffff", root.attrib["width"])
    assert texts(root)[-6:] == [
        "placeholder", "variable", "operation", "constant", "computing; value", "∂ gradient, sent back"
    ]  # fmt: skip
    assert to_svg(xor) == text


def test_texts_stay_inside_the_picture(xor):
    xor = {**xor, "title": "A very long title of a trace " * 20}
    root = tree(to_svg(xor, step=20))
    heading = texts(root)[0]
    assert heading.endswith("…")
    assert len(heading) * 6 < float(root.attrib["width"])


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(name):
    nodes = mlp()
    nodes[3] |= {"name": name, "scope": name, "type": name}
    nodes[4] |= {"name": name + "/" + name, "scope": name}
    run = {
        "steps": [{"phase": "forward", "node": "n3", "value": {"shape": [], "dtype": "string", "data": [name]}}],
        "error": {"type": name, "message": name * 40},
    }
    document = {"title": name, "nodes": nodes, "runs": [run]}
    for view in ("forward", "full"):
        text = to_svg(document, view=view)
        root = tree(text)
        assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {
            "svg", "title", "desc", "rect", "g", "path", "polygon", "text"
        }  # fmt: skip
        allowed = {"x", "y", "rx", "d", "points", "fill", "transform", "role", "viewBox", "width", "height"}
        for element in root.iter():
            assert all(key in allowed or key.startswith(("stroke", "font", "text-")) for key in element.attrib)
    clean = "".join(c if c >= " " and not 0xD800 <= ord(c) < 0xE000 and c != "\u202e" else "�" for c in name)
    if "\n" not in name:
        assert root.findtext(f"{SVG}title") == clean
        assert clean[:8] in " ".join(texts(root))


def test_a_folded_scope_counts_what_is_done():
    nodes = rnn(8)
    inside = [n["id"] for n in nodes if n["scope"] == "step_2"]
    value, grad = {"shape": [], "data": [1.0], "stats": {}}, {"shape": [], "data": [2.0], "stats": {}}
    steps = [{"phase": "forward", "node": i, "value": value} for i in inside[:5]]
    steps += [{"phase": "reverse", "node": inside[4], "grad": grad, "sends": []}]
    document = {"title": "t", "nodes": nodes, "runs": [{"steps": steps}]}
    here = box_of(tree(to_svg(document)), "scope step_2")
    assert texts(here) == ["step_2", "11 nodes, 5 done", "∂ of 1"]
    assert [r.get("stroke") for r in here.iter(f"{SVG}rect")][-1] == REVERSE


def test_lines_of_a_picture_to_the_right_arrive_level(xor):
    nodes = [n for n in xor["nodes"] if n["phase"] == "forward"]
    text = to_svg({**xor, "layouts": {"forward": layout(nodes, direction="lr")}}, step=0)
    root = tree(text)
    assert float(root.attrib["width"]) > float(root.attrib["height"])
    assert not any("V" in p.attrib["d"] for p in root.iter(f"{SVG}path"))


def test_nan_is_flagged():
    bad = {"shape": [3], "dtype": "float32", "size": 3, "data": ["nan", 1.0, "inf"], "stats": {"nan": 1, "inf": 1}}
    document = {"nodes": mlp(), "runs": [{"steps": [{"phase": "forward", "node": "n6", "value": bad}]}]}
    here = box_of(tree(to_svg(document)), "matmul")
    assert texts(here)[1] == "(3) 1 NaN, 1 Inf"
    assert next(t for t in here.iter(f"{SVG}text") if "NaN" in (t.text or "")).get("font-weight") == "bold"


def test_an_error_stands_in_the_heading(xor):
    runs = [{**xor["runs"][0], "error": {"type": "InvalidArgumentError", "message": "shapes (4,2) and (3,)"}}]
    assert "InvalidArgumentError: shapes (4,2) and (3,)" in texts(tree(to_svg({**xor, "runs": runs})))
    assert "InvalidArgumentError" not in to_svg({**xor, "runs": runs}, step=0)


def test_steps_and_runs_that_do_not_exist(xor):
    assert to_svg(xor, step=-1) == to_svg(xor)
    with pytest.raises(IndexError, match="run 5 of a trace with"):
        to_svg(xor, run=5)
    with pytest.raises(IndexError, match="step 9999 of a run with"):
        to_svg(xor, step=9999)
    with pytest.raises(ValueError, match="view"):
        to_svg(xor, view="reverse")
    assert "not run" in to_svg({"nodes": []})
    assert "not run" in to_svg({"nodes": mlp(), "runs": [{"steps": []}]})


def test_references_are_followed_and_end():
    value = {"shape": [], "data": [4.0]}
    document = {"runs": [{"steps": [{"value": value}, {"value": {"same_as": "#/runs/0/steps/0/value"}}]}]}
    assert resolved(document["runs"][0]["steps"][1]["value"], document) is value
    loop = {"same_as": "#/runs"}
    loop_document = {"runs": loop}
    assert resolved(loop, loop_document) is loop


def test_numbers_are_short():
    assert [number(v, 3) for v in (0.0, -0.0, 12, 1234567.0, 1e-300, True, "text")] == [
        "0", "0", "12", "1.23e6", "1e−300", "True", "text"
    ]  # fmt: skip
    assert short({"shape": [2], "data": [0.25, -1.0]})[0] == "[0.25, −1]"
    assert short({"shape": [9], "dtype": "string", "stats": None})[0] == "(9) string"
    assert listed(["a", "b", "c", "a"]) == "a, b and c"
    assert listed(["a"]) == "a"
    assert listed([]) == ""


def test_dot_has_every_node_and_edge(xor):
    text = to_dot(xor)
    assert text.startswith('digraph "XOR MLP" {')
    for node in xor["nodes"]:
        assert f'"{node["id"]}" [label=' in text
        assert all(f'"{i}" -> "{node["id"]}"' in text for i in node["inputs"])
    assert text.count("{") == text.count("}")
    assert 'subgraph "cluster_loss" {' in text


@pytest.mark.parametrize("name", HOSTILE)
def test_dot_quotes_names(name):
    text = to_dot({"title": name, "nodes": [{"id": name, "name": name, "scope": name}, {"id": "b", "inputs": [name]}]})
    inside = quoted(name)[1:-1]
    assert not set('"\\\n<>') & set(inside)
    for line in text.splitlines():
        assert line.count('"') % 2 == 0
