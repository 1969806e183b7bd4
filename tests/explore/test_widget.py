"""The widget: what Python sets the view shows, and what the learner does Python can read."""

import builtins
import gc
import importlib.util
import json
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest

import tensorglass as tg
from tensorglass import explore
from tensorglass.explore import html

FIXTURE = Path(__file__).parents[1] / "fixtures" / "graphtrace" / "xor.json"
needs_anywidget = pytest.mark.skipif(
    importlib.util.find_spec("anywidget") is None, reason="needs anywidget: pip install anywidget"
)


@pytest.fixture
def network():
    """(trace of three steps, loss, feeds, train, session)"""
    with tg.Graph().as_default():
        x, w = tg.placeholder(tg.float64, [None, 2], name="x"), tg.Variable(np.ones([2, 1]), name="w")
        loss = tg.reduce_sum(tg.square(tg.matmul(x, w, name="product")), name="loss")
        train = tg.train.GradientDescentOptimizer(0.01).minimize(loss)
        session = tg.Session(backend="numpy")
        feeds = {x: np.ones((3, 2))}
        with tg.trace(title="widget") as t:
            for _ in range(3):
                session.run([loss, train], feeds)
        yield t, loss, feeds, train, session


@pytest.fixture
def widget(network):
    return network[0].widget()


# -- Python's side


@needs_anywidget
def test_it_has_the_trace_and_the_view(network, widget):
    assert widget.document == network[0].document()
    assert widget._esm == html.module()
    synced = set(widget.traits(sync=True))
    assert {"document", "run", "step", "selected", "breakpoints"} <= synced
    json.dumps(widget.get_state(["document", "run", "step", "selected", "breakpoints"]), allow_nan=False)


@needs_anywidget
def test_steps_count_from_either_end_and_stay_inside(widget):
    last = len(widget.document["runs"][0]["steps"]) - 1
    for given, found in ((3, 3), (-1, last), (-2, last - 1), (10_000, last), (-10_000, 0)):
        widget.step = given
        assert widget.step == found
    widget.run = -1
    assert widget.run == 2
    widget.run = 7
    assert widget.run == 2


@needs_anywidget
def test_nodes_are_named_as_one_has_them(network, widget):
    _, loss, *_ = network
    ids = {node["name"]: node["id"] for node in widget.document["nodes"]}
    for given in ("loss", "loss:0", loss, loss.op, ids["loss"]):
        widget.selected = None
        widget.selected = given
        assert widget.selected == ids["loss"]
        assert widget.node["name"] == "loss"
    widget.selected = loss.graph.variables[0]
    assert widget.node["name"] == "w"
    widget.step = 1
    assert widget.selected is None, "a step shows its own node"
    assert widget.node["id"] == widget.document["runs"][0]["steps"][1]["node"]


@needs_anywidget
def test_breakpoints(widget):
    widget.breakpoints = ["bad", "type MatMul", "node product"]
    assert widget.breakpoints[:2] == ["bad", "type MatMul"]
    assert widget.breakpoints[2] == f"node {next(n['id'] for n in widget.document['nodes'] if n['name'] == 'product')}"


@needs_anywidget
def test_what_cannot_be_is_refused(widget):
    traitlets = pytest.importorskip("traitlets")
    for change in (
        {"selected": "nobody"}, {"selected": 3.5}, {"breakpoints": ["loss"]}, {"breakpoints": ["node nobody"]},
        {"breakpoints": [3]}, {"step": "4"}, {"document": {}},
    ):  # fmt: skip
        (key, value), *_ = change.items()
        with pytest.raises(traitlets.TraitError):
            setattr(widget, key, value)
    with pytest.raises(traitlets.TraitError, match="no node 'nobody'"):
        widget.selected = "nobody"


@needs_anywidget
def test_it_begins_where_it_is_told(network):
    widget = network[0].widget(run=1, step=2, breakpoints=["bad"])
    assert (widget.run, widget.step, widget.breakpoints) == (1, 2, ["bad"])


@needs_anywidget
def test_it_grows_with_the_trace(network, monkeypatch):
    _, loss, feeds, train, session = network
    monkeypatch.setattr("tensorglass.explore.widget._PAUSE", 0.0)
    grown = explore.Trace("growing")
    widget = grown.widget()
    assert widget.document["runs"] == []
    assert widget.node is None
    seen = []
    widget.observe(lambda change: seen.append(len(change["new"]["runs"])), "document")
    with grown:
        for _ in range(3):
            session.run([loss, train], feeds)
    assert seen[-1] == len(widget.document["runs"]) == 3


@needs_anywidget
def test_it_grows_with_eager_code():
    with tg.trace() as eager:
        view = eager.widget()
        tg.add(1.0, 2.0)
    assert [node["type"] for node in view.document["nodes"]] == ["Const", "Const", "AddV2"]


@needs_anywidget
def test_a_loop_is_not_held_up(network, monkeypatch):
    """Between two looks at a growing trace there is a pause; the end is always seen."""
    _, loss, feeds, _, session = network
    monkeypatch.setattr("tensorglass.explore.widget._PAUSE", 1e9)
    grown = explore.Trace("growing")
    widget = grown.widget()
    seen = []
    widget.observe(lambda change: seen.append(len(change["new"]["runs"])), "document")
    with grown:
        for _ in range(5):
            session.run(loss, feeds)
    assert seen == [5]


@needs_anywidget
def test_a_trace_does_not_keep_its_widgets(network):
    gone = weakref.ref(network[0].widget())
    gone().close()
    gc.collect()
    assert gone() is None


def test_without_anywidget_the_error_names_the_extra(network, monkeypatch):
    real = builtins.__import__

    def missing(name, *args):
        if name == "anywidget":
            raise ImportError("No module named 'anywidget'")
        return real(name, *args)

    monkeypatch.delitem(sys.modules, "tensorglass.explore.widget", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match=r"tensorglass\[notebook\]"):
        network[0].widget()


# -- the browser's side

HOST = """<!doctype html><meta charset="utf-8"><title>host</title><div id="el"></div><script type="module">
const module = await import(URL.createObjectURL(new Blob([ESM], { type: "text/javascript" })));
const listeners = {};
const state = { document: DOC, run: 0, step: 2, selected: null, breakpoints: ["bad"] };
window.told = {}; window.saved = 0;
window.model = {
  get: (key) => state[key],
  set: (key, value) => { state[key] = told[key] = value; },
  save_changes: () => { saved++; },
  on: (event, f) => (listeners[event] ??= new Set()).add(f),
  off: (event, f) => listeners[event].delete(f),
};
window.send = (changes) => {  // as a host does it: all values first, then an event for each
  Object.assign(state, changes);
  for (const key in changes) for (const f of [...(listeners[`change:${key}`] ?? [])]) f();
};
window.listening = () => Object.values(listeners).reduce((n, all) => n + all.size, 0);
window.close_view = module.default.render({ model, el: document.getElementById("el") });
window.state = state;
</script>"""


@pytest.fixture
def host(opened, tmp_path):
    """A page that shows the widget's module with a model that notes what it is told."""
    document = json.loads(FIXTURE.read_text())
    document["runs"].append(document["runs"][0])
    text = HOST.replace("ESM", json.dumps(html.module())).replace("DOC", html.as_script(document))
    (tmp_path / "host.html").write_text(text, encoding="utf-8")
    page = opened((tmp_path / "host.html").as_uri())
    page.wait_for_function("!!window.close_view")
    return page


def where(page):
    return page.locator(".where").inner_text().split()[0]


def test_the_view_begins_where_the_model_is(host):
    assert where(host).startswith("3/")
    assert host.evaluate("saved") == 0
    assert host.evaluate("told") == {}
    assert "breakpoints 1" in host.locator("summary", has_text="breakpoints").inner_text()


def test_python_moves_the_view(host):
    host.evaluate("send({step: 7})")
    assert where(host).startswith("8/")
    host.evaluate("send({run: 1, step: 4, selected: 'n3'})")
    assert where(host).startswith("5/")
    assert host.evaluate("state.selected") == "n3", "what is set together stays together"
    name = host.evaluate("state.document.nodes.find((n) => n.id === 'n3').name")
    assert name in host.locator("aside, .inspector").first.inner_text()
    assert host.evaluate("told") == {}, "what Python said is not said back"


def test_the_learner_moves_python(host):
    host.locator("input[type=range]").focus()
    host.keyboard.press("ArrowRight")
    assert host.evaluate("told") == {"step": 3}
    host.keyboard.press("End")
    assert host.evaluate("state.step") == host.evaluate("state.document.runs[0].steps.length - 1")
    host.keyboard.press("Home")
    host.keyboard.press("b")
    first = host.evaluate("state.document.runs[0].steps[0].node")
    assert host.evaluate("state.breakpoints") == ["bad", f"node {first}"]
    host.locator("[role=search] input").fill("MatMul")
    host.locator("[role=search] li button").first.click()
    chosen = host.evaluate("state.selected")
    assert "MatMul" in host.evaluate(f"state.document.nodes.find((n) => n.id === '{chosen}').type")
    assert host.evaluate("saved") >= 4


def test_a_step_that_is_not_there_is_mended(host):
    host.evaluate("send({step: 100000})")
    assert host.evaluate("told.step") == host.evaluate("state.document.runs[0].steps.length - 1")


def test_a_document_that_grows_keeps_the_place(host):
    host.evaluate("send({step: 5, selected: 'n3'})")
    host.evaluate("send({document: {...state.document, runs: [...state.document.runs, state.document.runs[0]]}})")
    assert host.locator("select", has_text="run 3").count() == 1
    assert where(host).startswith("6/")
    assert host.evaluate("[state.step, state.selected, state.breakpoints]") == [5, "n3", ["bad"]]


def test_it_lets_go(host):
    assert host.evaluate("listening()") == 5
    host.evaluate("close_view()")
    assert host.evaluate("listening()") == 0
