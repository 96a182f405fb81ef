"""Stands in for LinkedIn on this machine: knows every company, and has enough of too many questions for a while."""

from __future__ import annotations

import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

INDUSTRIES = ("machine tools", "logistics", "food", "software", "glass", "textiles")

# The question from which on it refuses, and for how long.
REFUSES_FROM = 34
REFUSES_FOR_SECONDS = 20.0


class SimulatedLinkedIn(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Companies)
        self.asked = 0
        self.refuses_until: float | None = None
        self.lock = threading.Lock()

    def __enter__(self) -> SimulatedLinkedIn:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def is_refusing(self) -> bool:
        with self.lock:
            self.asked += 1
            if self.asked == REFUSES_FROM:
                self.refuses_until = time.monotonic() + REFUSES_FOR_SECONDS
            return self.refuses_until is not None and time.monotonic() < self.refuses_until


class _Companies(BaseHTTPRequestHandler):
    server: SimulatedLinkedIn

    def do_GET(self) -> None:
        company = unquote(self.path.removeprefix("/companies/"))
        # The same company is the same at every run.
        dice = random.Random(company)
        time.sleep(0.08 + dice.random() * 0.25)
        if self.server.is_refusing():
            self._answer(429, {"error": "rate limit exceeded"})
        else:
            self._answer(200, {"company": company, "industry": dice.choice(INDUSTRIES), "employees": dice.randrange(12, 900)})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None: ...
