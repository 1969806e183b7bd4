"""The order of steps that the explorer shows is the order that chapter 2 has derived, node by node."""

import random

import pytest
from course_runs import run

import tensorglass.course as course
from tensorglass.course import library, show
from tensorglass.course.cells import files, number


def steps(trace):
    """The names of the nodes that a trace computes forward, in its order."""
    document = trace.document()
    names = {node["id"]: node["name"] for node in document["nodes"]}
    return [names[step["node"]] for step in document["runs"][0]["steps"] if step["phase"] == "forward"]


def test_on_chapter_2s_graph_the_explorer_steps_in_the_chapters_own_postorder(monkeypatch):
    shown = []

    def recorded(fetch, *more, **named):
        shown.append((fetch, show(fetch, *more, **named)))
        return shown[-1][1]

    monkeypatch.setattr(course, "show", recorded)
    (chapter,) = [path for path in files() if number(path) == 2]
    ran = run(chapter, monkeypatch)
    ((fetch, trace),) = shown
    assert steps(trace) == [node.name for node in ran.names["postorder"]([fetch])]
    assert steps(trace) == ["A", "x", "matmul", "b", "add", "add_1"]  # what the text says


@pytest.mark.parametrize("seed", range(8))
def test_show_steps_in_postorder_also_behind_fed_nodes(seed):
    draw, small = random.Random(seed), library(2)
    with small.Graph():
        nodes = [small.placeholder(name="x"), small.Variable(2.0, name="v")]
        for _ in range(12):
            nodes.append(small.add(draw.choice(nodes), draw.choice(nodes)))
        fed = draw.choice(nodes[2:-1])
    feeds = {nodes[0]: 1.0, fed: 5.0}
    trace = show(nodes[-1], feeds)
    order = small.postorder([nodes[-1]], known=feeds)
    assert steps(trace) == [node.name for node in order]
