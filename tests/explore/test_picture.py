"""Graphs, tensors, operations and plans as pictures in a notebook."""

import base64
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tensorglass as tg


def drawn(text):
    """(picture, its texts) of what a notebook shows."""
    assert not re.search(r"<script|<iframe|https?:", text)
    (data,) = re.findall(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]+)">', text)
    picture = ET.fromstring(base64.b64decode(data))
    return picture, ["".join(e.itertext()) for e in picture.iter("{http://www.w3.org/2000/svg}text")]


@pytest.fixture
def network():
    """(graph, hidden, loss, train)"""
    with tg.Graph().as_default() as graph:
        x, w = tg.placeholder(tg.float32, [None, 2], name="x"), tg.Variable(np.ones((2, 3), np.float32), name="w")
        h = tg.sigmoid(tg.matmul(x, w, name="product"), name="hidden")
        loss = tg.reduce_sum(h * 3.0, name="loss")
        train = tg.train.GradientDescentOptimizer(0.1).minimize(loss)
        tg.compat.v1.global_variables_initializer()
    return graph, h, loss, train


def test_a_tensor_shows_what_it_needs_and_itself_marked(network):
    _, h, loss, _ = network
    _, texts = drawn(h._repr_html_())
    assert {"x", "w", "product", "hidden", "(?,2) float32", "(2,3) float32", "(?,3) float32"} <= set(texts)
    assert "loss" not in texts
    picture, texts = drawn(loss._repr_html_())
    assert "y = 3" in texts
    bold = [e.text for e in picture.iter() if e.get("font-weight") == "bold"]
    assert bold == [str(loss), "loss"]


def test_a_graph_leaves_out_what_only_initializes(network):
    graph, _, _, train = network
    _, texts = drawn(graph._repr_html_())
    assert {"x", "w", "loss", "GradientDescent"} <= set(texts)
    assert not {"Assign", "initial_value", "init"} & set(texts)
    assert any("first values" in text for text in texts)
    assert "ApplyGradientDescent" in " ".join(drawn(train._repr_html_())[1])


def test_an_empty_graph():
    assert "0 operations." in drawn(tg.Graph()._repr_html_())[1]


def test_a_plan_shows_its_source_and_a_picture(network):
    graph, _, loss, _ = network
    with graph.as_default():
        plan = tg.Session(backend="numpy").plan(loss)
    shown = plan._repr_html_()
    assert {"x", "w", "product", "hidden", "loss"} <= set(drawn(shown)[1])
    code = re.sub(r"<[^>]+>", "", re.search(r"<pre.*?</pre>", shown, re.DOTALL).group(0))
    assert "= matmul(x, w)" in code
    assert len(code.rstrip("\n").split("\n")) == len(plan.rstrip("\n").split("\n"))


def test_names_are_data(network):
    graph, *_ = network
    with graph.as_default():
        placement = tg.Session(backend="numpy").placement(network[2])
    assert not hasattr(placement, "_repr_html_"), "a text is no plan"
    hostile = "</pre><img src=x onerror=alert(1)>"
    shown = tg.session.PrintedPlan(hostile)
    shown.plan = graph_plan(graph, network[2])
    assert "onerror=alert(1)>" not in shown._repr_html_()


def graph_plan(graph, loss):
    with graph.as_default():
        return tg.Session(backend="numpy").plan(loss).plan


def test_eager_tensors_stay_text():
    assert not callable(tg.constant([1.0, 2.0])._repr_html_)


def test_scopes_fold_where_there_is_much():
    with tg.Graph().as_default():
        y = tg.placeholder(tg.float32, [], name="x")
        for k in range(12):
            with tg.name_scope(f"layer_{k}"):
                for _ in range(20):
                    y = y + 1.0
    _, texts = drawn(y._repr_html_())
    assert {"layer_0", "layer_11"} <= set(texts)
    assert any("inside folded boxes" in text for text in texts)


@pytest.fixture(scope="module")
def huge():
    with tg.Graph().as_default() as graph:
        y = tg.placeholder(tg.float32, [], name="x")
        for _ in range(50_000):
            y = y + 1.0
    return graph, y


@pytest.mark.parametrize("of", ["graph", "tensor"])
def test_huge_graphs_are_drawn_in_part_and_say_so(huge, of):
    graph, y = huge
    shown = {"graph": graph, "tensor": y}[of]
    began = time.process_time()
    text = shown._repr_html_()
    assert time.process_time() - began < 4, "2 s on a machine that does nothing else"
    assert len(text) < 200_000
    told = " ".join(drawn(text)[1])
    assert {"graph": "the first 10,000 are drawn", "tensor": "The 24 nearest"}[of] in told


def test_of_a_long_plan_the_end_is_drawn(network, monkeypatch):
    monkeypatch.setattr("tensorglass.explore.picture._WHOLE", 3)
    monkeypatch.setattr("tensorglass.explore.picture._LINES", 4)
    graph, _, loss, _ = network
    plan = tg.Session(graph=graph, backend="numpy").plan(loss)
    shown = plan._repr_html_()
    assert "The last 3 of" in " ".join(drawn(shown)[1])
    assert f"… and {len(plan.splitlines()) - 4} more lines" in shown


def test_nothing_is_imported_before_it_is_shown():
    code = "import sys, tensorglass as tg; sys.exit('tensorglass.explore.picture' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
