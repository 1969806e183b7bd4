"""A page on this machine that shows a trace while the program still runs: standard library only.

It listens on 127.0.0.1 alone, and answers only under a path with a random token, so that neither another machine nor
another page in the browser can read the trace.  New runs are announced by server-sent events.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .compact import compact

_BEAT = 0.25  # seconds between looks for new runs
_ALIVE = 15.0  # seconds between comments that keep a silent connection open


class Server:
    """Serves a page, and the trace (or the traces) that `document()` gives, as long as it is open.

    `version()` is another text whenever there is more; without it the page is what it is.
    """

    def __init__(self, document: Callable[[], Any], version: Callable[[], str] | None, title: str):
        self._token = secrets.token_urlsafe(16)
        self.closed = threading.Event()
        handler = type("Handler", (_Handler,), {
            "token": self._token, "document": staticmethod(document), "version": version and staticmethod(version),
            "title": title, "closed": self.closed,
        })  # fmt: skip
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        handler.port = self._server.server_address[1]  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

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

    def do_GET(self) -> None:
        place, _, name = self.path.removeprefix("/").partition("/")
        port = self.port
        known = self.headers.get("Host") in (f"127.0.0.1:{port}", f"localhost:{port}")  # no name of another site
        if not known or not secrets.compare_digest(place, self.token):
            self.send_error(404)
        elif name == "":
            from .html import page

            self._send("text/html; charset=utf-8", page(self.document(), self.title, live=self.version is not None))
        elif name == "trace.json":
            self._send("application/json", json.dumps(compact(self.document()), ensure_ascii=False, allow_nan=False))
        elif name == "events" and self.version is not None:
            self._events(self.version)
        else:
            self.send_error(404)

    def _send(self, kind: str, text: str) -> None:
        body = text.encode("utf-8")
        self._head(kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _head(self, kind: str) -> None:
        self.send_response(200)
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
