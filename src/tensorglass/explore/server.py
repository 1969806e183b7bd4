"""A page on this machine that shows a trace while the program still runs: standard library only.

It listens on 127.0.0.1 alone, and answers only under a path with a random token, so that neither another machine nor
another page in the browser can read the trace.  New runs are announced by server-sent events; the page then asks for
what it does not have yet, and, when its reader does, for parts of large values.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .compact import compact
from .growing import Growth
from .slices import Store

_BEAT = 0.25  # seconds between looks for new runs
_LOOK = 0.05  # seconds between looks whether it is to end
_ALIVE = 15.0  # seconds between comments that keep a silent connection open
_NUMBER = re.compile(r"[0-9]{1,15}")


class Server:
    """Serves a page, and the trace (or the traces) that `document()` gives, as long as it is open.

    `version()` is another text whenever there is more; without it the page is what it is.  `store` has the large
    values of which parts can be asked for.
    """

    def __init__(
        self, document: Callable[[], Any], version: Callable[[], str] | None, title: str, store: Store | None = None
    ):
        self._token = secrets.token_urlsafe(16)
        self.closed = threading.Event()
        handler = type("Handler", (_Handler,), {
            "token": self._token, "document": staticmethod(document), "version": version and staticmethod(version),
            "title": title, "closed": self.closed, "store": store, "growth": Growth(), "writing": threading.Lock(),
        })  # fmt: skip
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        handler.port = self._server.server_address[1]  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_LOOK,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{self._token}/"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    token: str
    title: str
    document: Callable[[], Any]
    version: Callable[[], str] | None
    closed: threading.Event
    port: int
    store: Store | None
    growth: Growth
    writing: threading.Lock  # of documents: one at a time

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        place, _, name = url.path.removeprefix("/").partition("/")
        port = self.port
        known = self.headers.get("Host") in (f"127.0.0.1:{port}", f"localhost:{port}")  # no name of another site
        if not known or not secrets.compare_digest(place.encode(), self.token.encode()):
            self.send_error(404)
            return
        asked = {key: values[-1] for key, values in parse_qs(url.query, keep_blank_values=True).items()}
        if name == "":
            self._page()
        elif name == "trace.json":
            found, _ = self._written()
            self._json(compact(found, True) if isinstance(found, dict) else [compact(one, True) for one in found])
        elif name == "more" and self.version is not None and _NUMBER.fullmatch(since := asked.get("since", "")):
            with self.writing:
                self._json(self.growth.since(self.document(), int(since)))
        elif name == "slice" and self.store is not None and _NUMBER.fullmatch(number := asked.get("of", "")):
            self._part(self.store, int(number), asked.get("index", ""))
        elif name == "events" and self.version is not None:
            self._events(self.version)
        else:
            self.send_error(404)

    def _written(self) -> tuple[Any, int]:
        """The document, or the documents, now; and for one that grows the number of its state."""
        with self.writing:
            found = self.document()
            return found, 0 if self.version is None else self.growth.seen(found)

    def _page(self) -> None:
        from .html import page

        found, state = self._written()
        if self.version is not None:
            found = {**found, "live": state}
        served = self.store is not None
        self._send("text/html; charset=utf-8", page(found, self.title, live=self.version is not None, served=served))

    def _part(self, store: Store, number: int, index: str) -> None:
        """A part of a large value, or a sentence that says why not."""
        try:
            self._json(store.part(number, index))
        except LookupError as error:
            self._send("text/plain; charset=utf-8", str(error), 410)
        except ValueError as error:
            self._send("text/plain; charset=utf-8", str(error), 400)

    def _json(self, found: Any) -> None:
        self._send("application/json", json.dumps(found, ensure_ascii=False, allow_nan=False))

    def _send(self, kind: str, text: str, status: int = 200) -> None:
        body = text.encode("utf-8")
        self._head(kind, status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _head(self, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")

    def _events(self, version: Callable[[], str]) -> None:
        """One event for each new state of the trace, its data the version."""
        self._head("text/event-stream")
        self.end_headers()
        shown, spoke = None, time.monotonic()
        try:
            while not self.closed.wait(_BEAT):
                now = version()
                if now != shown:
                    shown, spoke = now, time.monotonic()
                    self.wfile.write(f"data: {now}\n\n".encode())
                elif time.monotonic() - spoke > _ALIVE:
                    spoke = time.monotonic()
                    self.wfile.write(b": still here\n\n")
                self.wfile.flush()
        except OSError:  # the page was closed
            pass

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not news."""
