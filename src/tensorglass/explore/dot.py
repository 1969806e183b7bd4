"""The graph as text in the language of Graphviz, for whoever wants to lay it out with other programs."""

from __future__ import annotations

from typing import Any

from .layout import edges_of, label
from .scopes import Scope, tree
from .svg import FORWARD, REVERSE, escaped

_SHAPES = {"variable": "box", "placeholder": "parallelogram", "constant": "note"}


def to_dot(document: dict[str, Any]) -> str:
    """`document`'s graph in DOT: scopes are clusters, nodes of the reverse pass are dashed.

    >>> print(to_dot({"title": "t", "nodes": [{"id": "n0", "name": "x", "kind": "placeholder", "inputs": []}]}))
    digraph "t" {
      node [fontname="sans-serif"];
      "n0" [label="x", shape=parallelogram];
    }
    <BLANKLINE>
    """
    nodes = {node["id"]: node for node in document["nodes"]}
    lines = [f"digraph {quoted(document.get('title') or 'graph')} {{", '  node [fontname="sans-serif"];']
    lines += _cluster(tree(list(nodes.values())), nodes, "  ")
    for edge in edges_of(nodes.values()):
        if edge["from"] in nodes:
            style = " [style=dotted]" if edge["slot"] is None else ""
            lines.append(f"  {quoted(edge['from'])} -> {quoted(edge['to'])}{style};")
    return "\n".join([*lines, "}", ""])


def quoted(text: Any) -> str:
    """`text` as a quoted string of DOT that shows as it is: no escape, entity or record field in it.

    >>> print(quoted('a"b&c'))
    "a&quot;b&amp;c"
    """
    return '"' + escaped(text).replace("\\", "&#92;").replace("\r", " ").replace("\n", " ") + '"'


def _cluster(scope: Scope, nodes: dict[str, dict[str, Any]], indent: str) -> list[str]:
    lines = [f"{indent}{_node(nodes[i])}" for i in scope.own]
    for inner in scope.inner:
        lines.append(f"{indent}subgraph {quoted('cluster_' + inner.name)} {{")
        lines.append(f"{indent}  label={quoted(inner.name)};")
        lines += _cluster(inner, nodes, indent + "  ")
        lines.append(f"{indent}}}")
    return lines


def _node(node: dict[str, Any]) -> str:
    reverse = node.get("phase") == "reverse"
    told = [f"label={quoted(label(node))}"]
    told.append(f"shape={_SHAPES.get(node.get('kind', 'op'), 'ellipse')}")
    if reverse:
        told.append(f'style=dashed, color="{REVERSE}"')
    elif node.get("phase") == "update":
        told.append(f'color="{FORWARD}"')
    return f"{quoted(node['id'])} [{', '.join(told)}];"
