"""The page of a program that still runs: parts of large values, only what is new, and nothing for strangers."""

import contextlib
import http.client
import itertools
import json
import socket
import urllib.error
import urllib.request
from urllib.parse import quote, urlsplit

import numpy as np
import pytest

import tensorglass as tg
from tensorglass.explore import encode
from tensorglass.explore.server import Server
from tensorglass.explore.slices import Store

VALUE = np.arange(4 * 30 * 20, dtype=np.float32).reshape(4, 30, 20)


def fetch(url, method="GET", **headers):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers, method=method), timeout=10)


def read(url, **headers):
    with fetch(url, **headers) as answer:
        return json.load(answer)


def refused(url, method="GET", **headers):
    """The status and the text of an answer that is an error."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        fetch(url, method, **headers)
    with contextlib.closing(caught.value) as answer:
        return answer.code, answer.read().decode()


class Live:
    """A program whose trace is served: `run()` runs it once more."""

    def __init__(self, store=None):
        self.graph = tg.Graph()
        with self.graph.as_default():
            self.x = tg.placeholder(tg.float32, [4, 30, 20], name="x")
            self.y = tg.multiply(self.x, 2.0, name="y")
            self.z = tg.reduce_sum(self.y, name="z")
            self.session = tg.Session(backend="numpy")
        self.trace = tg.trace(title="live")
        self.store = store or Store()
        self.server = Server(self.trace.document, lambda: self.trace.version, "live", self.store)
        self.state = 0

    def __enter__(self):
        self._open = contextlib.ExitStack()
        for one in (encode.keeping(self.store), self.trace, self.server):
            self._open.enter_context(one)
        return self

    def __exit__(self, *exc):
        self._open.close()

    def run(self, fetched=None):
        self.session.run(self.y if fetched is None else fetched, {self.x: VALUE})

    def more(self):
        """What is new since the last call, and how many bytes that took."""
        with fetch(f"{self.server.url}more?since={self.state}") as answer:
            text = answer.read()
        found = json.loads(text)
        self.state = found["live"]
        return found, len(text)

    def kept(self, name="y"):
        """The number of the latest value of a node."""
        document = read(self.server.url + "trace.json")
        (node,) = [n["id"] for n in document["nodes"] if n["name"] == name]
        return next(s["value"]["kept"] for s in document["runs"][-1]["steps"] if s["node"] == node)

    def slice(self, index, number=None):
        return f"{self.server.url}slice?of={self.kept() if number is None else number}&index={quote(index)}"


@pytest.fixture
def live():
    with Live() as found:
        found.run()
        yield found


# -- parts of large values


@pytest.mark.parametrize(
    ("index", "part"),
    [
        ("0, 8:16, 2:10", np.s_[0, 8:16, 2:10]),
        ("1,:,5", np.s_[1, :, 5]),
        ("-1, ::4, -1", np.s_[-1, ::4, -1]),
        ("..., 3, 7", np.s_[..., 3, 7]),
        ("[2, 29:20:-1]  ", None),
        ("2, 3", np.s_[2, 3]),
        ("3,29,19", np.s_[3, 29, 19]),
        ("0, 28:99, 0:2", np.s_[0, 28:99, 0:2]),
        ("0, 5:5", np.s_[0, 5:5]),
    ],
)
def test_a_part_in_full(live, index, part):
    if part is None:
        assert refused(live.slice(index))[0] == 400
        return
    found = read(live.slice(index))
    expected = np.asarray(2 * VALUE[part])
    assert (found["shape"], found["dtype"]) == (list(expected.shape), "float32")
    assert found["data"] == expected.reshape(-1).tolist()
    rows, columns = (np.arange(n) for n in VALUE.shape[1:])
    if index == "0, 8:16, 2:10":
        assert (found["rows"], found["cols"]) == (rows[8:16].tolist(), columns[2:10].tolist())
    if index == "-1, ::4, -1":
        assert (found.get("rows"), found["cols"]) == (None, rows[::4].tolist())


@pytest.mark.parametrize(
    ("index", "told"),
    [
        ("0, 0:9, 0:9", "That is 81 elements (9, 9); at most 64 are shown, such as 0, 0:8, 0:8."),
        ("", "2,400 elements"),
        ("0, 30, 0", "Axis 1 has 30 elements: there is no number 30."),
        ("0, 0, 0, 0", "The value has 3 axes, and the index has 4 parts."),
        ("0, 0:8:0", "The step of '0:8:0' is 0."),
        ("..., ...", "at most one '...'"),
        ("0, __import__('os').getpid(), 0", 'getpid()" is neither a number nor a slice such as 8:16.'),
        ("0, None", "'None' is neither"),
        ("0, 1.5", "'1.5' is neither"),
        ("0, ٣", "'٣' is neither"),
        ("0, 1:2:3:4", "'1:2:3:4' is neither"),
        ("0, , 1", "'' is neither"),
        ("9" * 1000, "at most 200 characters"),
        ("0" * 40, "is neither"),
    ],
)
def test_a_wrong_index_gets_a_sentence(live, index, told):
    status, text = refused(live.slice(index))
    assert status == 400
    assert told in text


def test_what_is_no_request_for_a_part(live):
    for query in ("", "?of=", "?of=-1&index=0", "?of=1e3&index=0", "?of=0x1&index=0", f"?of={'9' * 40}&index=0"):
        assert refused(f"{live.server.url}slice{query}")[0] == 404


def test_old_values_make_room_for_new_ones():
    size = VALUE.nbytes
    with Live(Store(3 * size)) as live:
        live.run()
        first = live.kept()
        assert read(live.slice("0, 0, 0", first))["data"] == [0.0]
        live.run()
        live.run()
        status, text = refused(live.slice("0, 0, 0", first))
        assert status == 410
        assert "not kept any more" in text
        assert read(live.slice("0, 0, 1"))["data"] == [2.0]
    with Live(Store(size - 1)) as live:
        live.run()
        assert live.kept() is None


def test_values_are_as_they_were(live):
    number = live.kept("x")
    VALUE[0, 0, 0] = 7
    try:
        assert read(live.slice("0, 0, 0", number))["data"] == [0.0]
    finally:
        VALUE[0, 0, 0] = 0


def test_without_a_store_nothing_is_kept():
    with tg.Graph().as_default():
        trace = tg.trace(tg.constant(VALUE) * 2.0)
    steps = trace.document()["runs"][0]["steps"]
    assert [s["value"]["size"] for s in steps] == [VALUE.size, 1, VALUE.size]
    assert all("kept" not in s["value"] for s in steps)


# -- only what is new


def test_what_is_sent_for_a_run_does_not_grow_with_the_number_of_runs(live):
    live.more()
    sizes = []
    for _ in range(60):
        live.run()
        found, size = live.more()
        assert list(found["runs"]) == [str(len(sizes) + 1)]
        assert "nodes" not in found
        sizes.append(size)
    assert max(sizes[40:]) <= max(sizes[:5]) + 60  # the times of steps have more digits or fewer
    found, size = live.more()
    assert found["runs"] == {}
    assert size < 100
    assert len(live.trace.document()["runs"]) == 61


def test_a_page_that_is_opened_before_the_first_run():
    with Live() as live:
        found, _ = live.more()
        assert (found["nodes"], found["runs"]) == ([], {})
        with fetch(live.server.url) as answer:
            assert '"live":1' in answer.read().decode()
        live.run()
        found, _ = live.more()
        assert list(found["runs"]) == ["0"]
        assert [n["name"] for n in found["nodes"]] == ["x", "y/y", "y"]


def test_a_run_with_new_nodes_brings_the_graph_and_itself(live):
    live.more()
    live.run(live.z)
    found, _ = live.more()
    assert list(found["runs"]) == ["1"]
    assert "z" in {n["name"] for n in found["nodes"]}
    assert set(found["layouts"]["forward"]["nodes"]) == {n["id"] for n in found["nodes"]}


def test_a_page_that_takes_all_that_is_new_has_the_whole(live):
    def train():
        with live.graph.as_default():
            w = tg.get_variable("w", [], initializer=tg.zeros_initializer())
            step = tg.train.GradientDescentOptimizer(0.1).minimize(tg.square(w - live.z))
            live.session.run(tg.variables_initializer([w]))
        return step

    document, _ = live.more()
    document["runs"] = list(document["runs"].values())
    eager = itertools.repeat(lambda: tg.constant(1.0) + 2.0)
    step = train()
    for act in (live.run, next(eager), lambda: live.run(live.z), lambda: live.run(step), next(eager), live.run):
        act()
        found, _ = live.more()
        for k, run in found.pop("runs").items():
            document["runs"][int(k) : int(k) + 1] = [run]
        document.update(found)
    whole = read(live.server.url + "trace.json")
    again = tg.trace(title="live")
    again._recorder = live.trace._recorder
    assert {k: v for k, v in document.items() if k not in ("live", "runs")} == {
        k: v for k, v in whole.items() if k != "runs"
    }
    plain = [json.dumps(run) for run in again.document()["runs"]]  # written at once, with nothing from before
    assert [json.dumps(run) for run in live.trace.document()["runs"]] == plain
    assert [len(run["steps"]) for run in document["runs"]] == [len(run["steps"]) for run in whole["runs"]]


def test_a_node_that_turns_out_to_be_the_programs_own_changes_the_runs_before(live):
    """A value that only an update used is fetched later: the runs before show it, and are sent again."""
    with live.graph.as_default():
        w = tg.get_variable("w", [], initializer=tg.zeros_initializer())
        new = tg.add(w, 1.0, name="new")
        step = tg.assign(w, new)
        live.session.run(tg.variables_initializer([w]))
    live.session.run(step.op)
    live.more()
    live.session.run(new)
    found, _ = live.more()
    assert set(found["runs"]) == {str(k) for k in range(live.trace.runs)}


# -- strangers


def raw(server, text):
    """The first line of what the server answers to `text`."""
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port), timeout=10) as connection:
        connection.sendall(text.encode("latin-1"))
        return connection.makefile("rb").readline().decode()


@pytest.mark.parametrize("name", ["", "trace.json", "events", "more?since=0", "slice?of=0&index=0,0,0"])
def test_only_the_address_with_the_token_answers(live, name):
    url = live.server.url
    address, token = url.rsplit("/", 2)[0], url.rsplit("/", 2)[1]
    with fetch(url + name) as answer:
        assert answer.status == 200
    for place in ("", "/wrong", f"/{token[:-1]}", f"/{token}x", f"/{token.swapcase()}", "/é"):
        assert refused(f"{address}{quote(place)}/{name}")[0] == 404


@pytest.mark.parametrize("name", ["", "trace.json", "events", "more?since=0", "slice?of=0&index=0,0,0"])
def test_a_name_that_leads_here_from_elsewhere_does_not(live, name):
    """A page of another site whose name has come to mean 127.0.0.1 sends its own name as Host."""
    port = urlsplit(live.server.url).port
    evil = ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}")
    for host in (*evil, "127.0.0.1", f"[::1]:{port}", f"localhost:{port}.evil.example", ""):
        assert refused(live.server.url + name, Host=host)[0] == 404
    path = urlsplit(live.server.url + name)
    line = f"{path.path}?{path.query}" if path.query else path.path
    assert " 404 " in raw(live.server, f"GET {line} HTTP/1.0\r\n\r\n")  # no Host at all
    if name != "events":
        assert " 200 " in raw(live.server, f"GET {line} HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n")


def test_no_path_leads_to_files(live):
    path = urlsplit(live.server.url).path
    port = urlsplit(live.server.url).port
    for name in ("../../etc/passwd", "..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "..\\..\\x",
                 "web/dist/explorer.mjs", "trace.json/../trace.json", "./trace.json"):  # fmt: skip
        assert " 404 " in raw(live.server, f"GET {path}{name} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), name


def test_it_only_answers_and_takes_nothing(live):
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
        assert refused(live.server.url, method)[0] == 501


def test_a_path_that_is_no_text_does_not_stop_it(live):
    port = urlsplit(live.server.url).port
    assert " 404 " in raw(live.server, f"GET /\xe9\xff/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")
    assert read(live.server.url + "trace.json")["title"] == "live"


def test_what_the_answers_allow(live):
    for name in ("", "trace.json", "more?since=0", "slice?of=0&index=0,0,0"):
        with fetch(live.server.url + name) as answer:
            headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in headers


def test_it_listens_on_this_machine_only(live):
    assert live.server._server.server_address[0] == "127.0.0.1"
    connection = http.client.HTTPConnection("127.0.0.2", urlsplit(live.server.url).port, timeout=2)
    with contextlib.closing(connection), pytest.raises(OSError):
        connection.request("GET", "/")
