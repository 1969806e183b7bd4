"""A static picture of a trace at a step, as SVG: for slides, print, and wherever no script may run.

Light colours only, nothing loaded, no style sheet and no ids, so that the picture can stand inside any page.  Names
and values are data: they are escaped, and characters that XML or a reader's eye could trip over are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from .layout import MARGIN, cut, label, layout, text_width
from .moment import Moment, short, wrong

FORWARD, REVERSE = "#0072b2", "#b8471b"
INK, FAINT, LINE, ALARM = "#1b1f24", "#59636e", "#8a94a3", "#a40e26"
_SMALL = 11  # the least font size
_LINE_HEIGHT = 14
_BAD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def to_svg(document: dict[str, Any], run: int = 0, step: int | None = None, view: str = "forward") -> str:
    """The graph of `document` after `step` of a run (after the last one without it) as SVG text.

    `view` is ``"forward"``, where the reverse pass shows on the nodes of the program's own graph, or ``"full"``,
    where the operations that compute gradients are nodes too.
    """
    if view not in ("forward", "full"):
        raise ValueError(f'view is "forward" or "full", not {view!r}')
    moment = Moment(document, run, step)
    picture = picture_of(document, view)
    return drawn(picture, document["nodes"], moment, str(document.get("title") or "graph"))


def drawn(
    picture: dict[str, Any], known: Iterable[dict[str, Any]], moment: Moment, title: str, runs: bool = True
) -> str:
    """A layout as SVG text, `known` its nodes; without `runs` nothing is said of steps and gradients."""
    nodes = {node["id"]: node for node in known}
    width = max(picture["size"][0], 460.0)
    heading, top = _heading(title, moment, width)
    legend, bottom = _legend(top + picture["size"][1], width, runs)
    shift = round((width - picture["size"][0]) / 2, 1)
    body = [*_frames(picture), *_lines(picture, moment), *_boxes(picture, nodes, moment)]
    size = f"{_n(width)} {_n(bottom)}"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {size}" width="{_n(width)}"'
        f' height="{_n(bottom)}" font-family="system-ui, \'DejaVu Sans\', sans-serif" font-size="12">',
        f"<title>{escaped(title)}</title>",
        f"<desc>{escaped(_described(picture, moment))}</desc>",
        f'<rect width="{_n(width)}" height="{_n(bottom)}" fill="#ffffff"/>',
        *heading,
        f'<g transform="translate({_n(shift)} {_n(top)})">',
        *body,
        "</g>",
        *legend,
        "</svg>",
    ]) + "\n"  # fmt: skip


def picture_of(document: dict[str, Any], view: str) -> dict[str, Any]:
    """The layout that the document has for `view`, or a new one."""
    found = (document.get("layouts") or {}).get(view)
    if found:
        return found
    return layout([node for node in document["nodes"] if view == "full" or node.get("phase", "forward") == "forward"])


def escaped(text: Any) -> str:
    """`text` for the inside of an element or of an attribute.

    >>> escaped('</script><b title="x">')
    '&lt;/script&gt;&lt;b title=&quot;x&quot;&gt;'
    """
    text = _BAD.sub("\N{REPLACEMENT CHARACTER}", str(text))
    for c, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(c, entity)
    return text


# -- parts of the picture


def _heading(title: str, moment: Moment, width: float) -> tuple[list[str], float]:
    room = width - 2 * MARGIN
    lines = [_text(MARGIN, 26, cut(title, room, 15), INK, 15, "start", "bold")]
    y = 44.0
    for line in _wrapped(moment.text, room):
        lines.append(_text(MARGIN, y, line, FAINT, 12, "start"))
        y += 16
    if moment.error:
        said = f"{moment.error.get('type', 'error')}: {moment.error.get('message', '')}"
        for line in _wrapped(said, room)[:4]:
            lines.append(_text(MARGIN, y, line, ALARM, 12, "start", "bold"))
            y += 16
    return lines, y - 8


def _wrapped(text: str, room: float) -> list[str]:
    """`text` in lines of at most `room`."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return [cut(line, room) for line in lines]


def _frames(picture: dict[str, Any]) -> list[str]:
    """Open scopes: a frame where it holds nothing else, with the scope's name in its corner."""
    parts = []
    for group in picture["groups"]:
        if not group["collapsed"] and group.get("apart"):
            x, y, w, h = group["box"]
            parts.append(_rect(x, y, w, h, 8, 'fill="#f5f6f8" stroke="#d3d8de"'))
            left = group["scope"].count("/") % 2 == 0  # the name of a scope inside this one then stands at the right
            side, anchor = (x + 4, "start") if left else (x + w - 4, "end")
            parts.append(_text(side, y - 4, cut(group["scope"], w / 2, _SMALL), FAINT, _SMALL, anchor))
    return parts


def _lines(picture: dict[str, Any], moment: Moment) -> list[str]:
    """Edges: grey; blue where the active node takes its inputs; dashed and backwards where a gradient went."""
    plain, marked = [], []
    level = picture.get("direction") == "lr"
    for edge in picture["edges"]:
        stands_for = [(edge["from"], edge["to"], edge["slot"]), *map(tuple, edge.get("also") or ())]
        back = any(names in moment.sent for names in stands_for)
        active = any(to == moment.active for _, to, _ in stands_for) and moment.phase == (
            "reverse" if back else "forward"
        )
        colour = REVERSE if back else FORWARD if active else LINE
        width, size = (2.6, 9) if active else (1.3, 6)
        dash = "6 3" if back else "1.5 3" if edge["slot"] is None else ""
        points = edge["points"]
        start, tip = (points[1], points[0]) if back else (points[-2], points[-1])
        drawn = _path(points, colour, width, level, dash) + _arrow(start, tip, colour, size, level)
        (marked if active else plain).append(drawn)
    return plain + marked


def _boxes(picture: dict[str, Any], nodes: dict[str, Any], moment: Moment) -> list[str]:
    hidden = {i for group in picture["groups"] if group["collapsed"] for i in group["nodes"]}
    parts = [_node(nodes[i], box, moment) for i, box in picture["nodes"].items() if i not in hidden]
    return parts + [_scope(group, moment) for group in picture["groups"] if group["collapsed"]]


def _node(node: dict[str, Any], box: Sequence[float], moment: Moment) -> str:
    i, kind = node["id"], node.get("kind", "op")
    x, y, w, h = box
    room = w - (12 if kind in ("constant", "variable") else 24)
    value, grad = moment.values.get(i), moment.grads.get(i)
    if kind == "constant":
        told = f"{label(node)} = {short(value)[-1]}" if value else label(node)
        lines = [(told, INK, _SMALL, "")]
    else:
        lines = [(label(node), INK, 12, "bold" if i == moment.active else "")]
        if value:
            lines.append(
                (
                    _fitting(short(value), room),
                    ALARM if wrong(value) else FORWARD,
                    _SMALL,
                    "bold" if wrong(value) else "",
                )
            )
        elif node.get("shape") is not None:
            sizes = _shape(node["shape"])
            lines.append((_fitting([f"{sizes} {node.get('dtype') or ''}".rstrip(), sizes], room), FAINT, _SMALL, ""))
        if grad:
            more = " + …" if moment.pending.get(i) else ""
            weight = "bold" if wrong(grad) else ""
            told = _fitting([f"∂ {form}{more}" for form in short(grad)], room)
            lines.append((told, ALARM if wrong(grad) else REVERSE, _SMALL, weight))
    drawn = shape(kind, x, y, w, h, _stroke(i == moment.active, moment.phase, grad is not None, value is not None))
    text = _stack(x + w / 2, y + h / 2, lines, room)
    return f"<g><title>{escaped(_full_name(node))}</title>{drawn}{text}</g>"


def _scope(group: dict[str, Any], moment: Moment) -> str:
    x, y, w, h = group["box"]
    inside = group["nodes"]
    done, back = sum(i in moment.values for i in inside), sum(i in moment.grads for i in inside)
    lines = [(group["scope"], INK, 12, "bold" if moment.active in inside else "")]
    lines.append((f"{len(inside)} nodes" + (f", {done} done" if done else ""), FORWARD if done else FAINT, _SMALL, ""))
    if back:
        lines.append((f"∂ of {back}", REVERSE, _SMALL, ""))
    stroke = _stroke(moment.active in inside, moment.phase, back > 0, done > 0)
    drawn = _rect(x + 4, y - 4, w, h, 8, 'fill="#ffffff" stroke="#8a94a3"') + _rect(x, y, w, h, 8, stroke)
    told = f"scope {group['scope']}, folded, {len(inside)} nodes"
    return f"<g><title>{escaped(told)}</title>{drawn}{_stack(x + w / 2, y + h / 2, lines, w - 16)}</g>"


def _fitting(forms: Sequence[str], room: float) -> str:
    """The first of `forms` that is not too wide."""
    return next((form for form in forms if text_width(form, _SMALL) <= room), forms[-1])


def _full_name(node: dict[str, Any]) -> str:
    return f"{node.get('name') or node['id']}, {node.get('kind', 'op')} {node.get('type') or ''}".rstrip()


def _shape(sizes: Iterable[int | None]) -> str:
    return f"({','.join('?' if n is None else str(n) for n in sizes)})"


def _stroke(active: bool, phase: str, has_grad: bool, has_value: bool) -> str:
    """How a box is drawn: active ones thick and tinted, those with a gradient dashed."""
    if active and phase == "reverse":
        return f'fill="#fbe9df" stroke="{REVERSE}" stroke-width="3" stroke-dasharray="7 3"'
    if active:
        return f'fill="#dcedf8" stroke="{FORWARD}" stroke-width="3"'
    if has_grad:
        return f'fill="#ffffff" stroke="{REVERSE}" stroke-width="1.4" stroke-dasharray="5 3"'
    return f'fill="#ffffff" stroke="{FORWARD if has_value else LINE}" stroke-width="1.4"'


def _legend(y: float, width: float, runs: bool) -> tuple[list[str], float]:
    """What shapes and lines mean, in as many rows as the width asks for; and where the picture ends."""
    plain = f'fill="#ffffff" stroke="{LINE}" stroke-width="1.4"'
    entries = [
        (shape(kind, 0, -11, 24, 14, plain), word)
        for kind, word in (
            ("placeholder", "placeholder"), ("variable", "variable"), ("op", "operation"), ("constant", "constant")
        )
    ]  # fmt: skip
    if runs:
        entries += [
            (_path([[0, -4], [24, -4]], FORWARD, 2.6, True), "computing; value"),
            (_path([[0, -4], [24, -4]], REVERSE, 2.6, True, "6 3"), "∂ gradient, sent back"),
        ]
    parts, x = [], MARGIN
    y += 10
    for mark, word in entries:
        needs = 30 + text_width(word, _SMALL) + 14
        if x > MARGIN and x + needs > width - MARGIN + 14:
            x = MARGIN
            y += 20
        parts.append(
            f'<g transform="translate({_n(x)} {_n(y)})">{mark}{_text(30, 0, word, FAINT, _SMALL, "start")}</g>'
        )
        x += needs
    return parts, y + 16


def _described(picture: dict[str, Any], moment: Moment) -> str:
    folded = [group for group in picture["groups"] if group["collapsed"]]
    nodes = len(picture["nodes"])
    told = f"A graph of {nodes} nodes and {len(picture['edges'])} lines. {moment.text}."
    return told + (f" Folded scopes: {len(folded)}." if folded else "")


# -- shapes and text


def shape(kind: str, x: float, y: float, w: float, h: float, stroke: str) -> str:
    """Variables have corners, placeholders slant, operations are round, constants nearly square (and small)."""
    if kind == "variable":
        return _rect(x, y, w, h, 0, stroke)
    if kind == "placeholder":
        a = min(5, h / 6)  # half of the slant: lines end at half the height or inside the width
        return _polygon([(x + a, y), (x + w + a, y), (x + w - a, y + h), (x - a, y + h)], stroke)
    if kind == "constant":
        return _rect(x, y, w, h, 3, stroke)
    return _rect(x, y, w, h, h / 2, stroke)


def _rect(x: float, y: float, w: float, h: float, radius: float, stroke: str) -> str:
    rounded = f' rx="{_n(radius)}"' if radius else ""
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}"{rounded} {stroke}/>'


def _polygon(points: Iterable[Sequence[float]], stroke: str) -> str:
    return f'<polygon points="{" ".join(f"{_n(x)},{_n(y)}" for x, y in points)}" {stroke}/>'


def _path(
    points: Sequence[Sequence[float]], colour: str, width: float, level: bool = False, dash: str = ""
) -> str:  # fmt: skip
    """A line through `points`; slanted parts leave and arrive upright (with `level`, level), as curves."""
    x, y = points[0]
    d = [f"M{_n(x)} {_n(y)}"]
    for p, q in points[1:]:
        if level:
            middle = _n((x + p) / 2)
            d.append(f"H{_n(p)}" if y == q else f"C{middle} {_n(y)} {middle} {_n(q)} {_n(p)} {_n(q)}")
        else:
            middle = _n((y + q) / 2)
            d.append(f"V{_n(q)}" if x == p else f"C{_n(x)} {middle} {_n(p)} {middle} {_n(p)} {_n(q)}")
        x, y = p, q
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{"".join(d)}" fill="none" stroke="{colour}" stroke-width="{_n(width)}"{dashed}/>'


def _arrow(start: Sequence[float], tip: Sequence[float], colour: str, size: float, level: bool) -> str:
    """A triangle at `tip`, upright (with `level`, level) as the line's end is."""
    x, y = tip
    half = size * 0.45
    if level:
        back = x - (size if x >= start[0] else -size)
        points = [(x, y), (back, y - half), (back, y + half)]
    else:
        back = y - (size if y >= start[1] else -size)
        points = [(x, y), (x - half, back), (x + half, back)]
    return _polygon(points, f'fill="{colour}"')


def _stack(x: float, y: float, lines: Sequence[tuple[str, str, float, str]], room: float) -> str:
    """Lines of text around the middle (x, y)."""
    top = y - (len(lines) - 1) * _LINE_HEIGHT / 2 + 4
    return "".join(
        _text(x, top + k * _LINE_HEIGHT, cut(text, room, size), colour, size, "middle", weight)
        for k, (text, colour, size, weight) in enumerate(lines)
    )


def _text(x: float, y: float, text: str, colour: str, size: float, anchor: str, weight: str = "") -> str:
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" fill="{colour}" font-size="{_n(size)}" text-anchor="{anchor}"{bold}>'
        f"{escaped(text)}</text>"
    )


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
