"""A trace as a page of its own, or as a frame for a notebook: one file, no network, nothing to install.

Names and values are data: they travel as JSON in a script element that no browser runs, and the view makes text
nodes of them.  A content security policy allows the one script and the one style sheet here, by their hashes, and
nothing else.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .compact import compact
from .svg import to_svg

STYLE = """
html { color-scheme: light dark; }
body { margin: 0; background: Canvas; color: CanvasText; font-family: system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 17px; margin: 0; }
img { max-width: 100%; height: auto; background: #fff; }
@media print { html { color-scheme: light; } }
"""
_WEB = Path(__file__).parent / "web" / "dist"


def page(
    document: dict[str, Any] | Sequence[dict[str, Any]], title: str, *, live: bool = False, served: bool = False
) -> str:
    """A whole page that shows `document`, or several to compare; without scripts the graph after the last step.

    With `live` the page asks its own server for new runs (``events``, ``more``), with `served` only for parts of large
    values (``slice``); otherwise it asks nobody.
    """
    documents = [document] if isinstance(document, dict) else [*document]
    script = bundle()
    policy = [
        "default-src 'none'",
        f"script-src '{digest(script)}'",
        f"style-src '{digest(STYLE)}'",
        "img-src data:",
        *(["connect-src 'self'"] if live or served else []),
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ]
    name = html.escape(title)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{html.escape("; ".join(policy))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{name}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<tensorglass-explorer{" live" if live else ""}>
<h1 slot="title">{name}</h1>
{"".join(f'<script type="application/json">{as_script(one, live or served)}</script>' for one in documents)}
</tensorglass-explorer>
<noscript><h1>{name}</h1>{still(documents[0], title)}</noscript>
</main>
<script>{script}</script>
</body>
</html>
"""


def frame(document: dict[str, Any], height: int = 720) -> str:
    """`page` in a frame, above a picture that stays where hosts take frames out (such as previews of notebooks)."""
    title = str(document.get("title") or "trace")
    style = "position:absolute;left:0;top:0;width:100%;height:100%;border:0;background:Canvas"
    source = html.escape(page(document, title))
    return (
        f'<div style="position:relative;height:{int(height)}px;overflow:hidden">{still(document, title)}'
        f'<iframe title="{html.escape(title)}" style="{style}" srcdoc="{source}"></iframe></div>'
    )


def as_script(document: dict[str, Any], served: bool = False) -> str:
    r"""JSON that can stand in a script element: no ``<`` in it can end the element or open a comment.

    >>> as_script({"name": "</script><!--"})
    '{"name":"\\u003c/script>\\u003c!--"}'
    """
    text = json.dumps(compact(document, served), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@functools.cache
def bundle() -> str:
    """The view's script for pages."""
    text = (_WEB / "explorer.page.js").read_text(encoding="utf-8")
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("the explorer's script cannot stand in a page: it has </script or <!--")
    return text


@functools.cache
def module() -> str:
    """The view as a module, for hosts of widgets."""
    return (_WEB / "explorer.mjs").read_text(encoding="utf-8")


def still(document: dict[str, Any], title: str) -> str:
    """The graph as an image element: what shows where no script runs."""
    data = base64.b64encode(to_svg(document).encode("utf-8")).decode("ascii")
    return f'<img alt="{html.escape("The graph of " + title)}" src="data:image/svg+xml;base64,{data}">'


def digest(text: str) -> str:
    """How a page's policy names a script or style that it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
