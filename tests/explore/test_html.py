"""The page of a trace is one file that asks nobody, and nothing in a trace becomes markup."""

import base64
import hashlib
import html as escaping
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tensorglass.explore import html

FIXTURE = Path(__file__).parents[1] / "fixtures" / "graphtrace" / "xor.json"
HOSTILE = "</script><!--<script><img src=x onerror=alert(1)>\u2028\"'&"
WEB = Path(html.__file__).parent / "web"


@pytest.fixture
def document():
    return json.loads(FIXTURE.read_text())


class Parsed(HTMLParser):
    """The elements of a page, and the text of its scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self._in = [], [], False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        self._in = tag == "script"

    def handle_endtag(self, tag):
        self._in = False

    def handle_data(self, data):
        if self._in:
            attrs, text = self.scripts[-1]
            self.scripts[-1] = attrs, text + data


def policy_of(parsed):
    return next(a["content"] for _, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy")


def test_the_document_is_in_the_page(document):
    (attrs, data), (_, script) = Parsed(html.page(document, "XOR")).scripts
    assert attrs == {"type": "application/json"}
    assert json.loads(data) == document
    assert script == html.bundle()


def test_hostile_names_stay_data(document):
    document["title"] = document["nodes"][3]["name"] = HOSTILE
    page = html.page(document, HOSTILE)
    parsed = Parsed(page)
    assert json.loads(parsed.scripts[0][1])["nodes"][3]["name"] == HOSTILE
    assert len(parsed.scripts) == 2
    assert all("onerror" not in attrs for _, attrs in parsed.tags)
    assert [attrs["src"][:26] for tag, attrs in parsed.tags if tag == "img"] == ["data:image/svg+xml;base64,"]


def test_the_policy_allows_this_script_and_no_network(document):
    parsed = Parsed(html.page(document, "XOR"))
    policy = policy_of(parsed)
    script = base64.b64encode(hashlib.sha256(parsed.scripts[1][1].encode()).digest()).decode()
    assert f"script-src 'sha256-{script}'" in policy
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert "unsafe" not in policy
    assert "connect-src 'self'" in policy_of(Parsed(html.page(document, "XOR", live=True)))


def test_the_page_has_a_heading_a_landmark_and_a_picture_without_scripts(document):
    page = html.page(document, "XOR")
    assert '<html lang="en">' in page
    assert re.search(r"<main>.*<h1 slot=\"title\">XOR</h1>.*</main>", page, re.DOTALL)
    assert re.search(r'<noscript>.*<img alt="The graph of XOR" src="data:image/svg\+xml;base64,', page)


def test_the_frame_holds_the_page_above_a_picture(document):
    document["title"] = HOSTILE
    frame = html.frame(document, height=500)
    tags = Parsed(frame).tags
    assert [tag for tag, _ in tags] == ["div", "img", "iframe"]
    assert "height:500px" in tags[0][1]["style"]
    assert tags[2][1]["srcdoc"] == html.page(document, HOSTILE)
    assert escaping.escape(HOSTILE) in frame


def test_infinities_do_not_slip_into_the_json(document):
    document["runs"][0]["wall_us"] = float("inf")
    with pytest.raises(ValueError):
        html.page(document, "XOR")


@pytest.mark.parametrize("name", ["explorer.page.js", "explorer.mjs"])
def test_the_bundles_stay_small(name):
    text = (WEB / "dist" / name).read_bytes()
    assert len(text) <= 60 * 1024
    assert not re.search(rb"\beval\(|new Function|innerHTML|https?://(?!www\.w3\.org/)", text)


def test_no_markup_is_made_of_text():
    for file in (WEB / "src").glob("*.ts"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|DOMParser|document\.write", file.read_text())
