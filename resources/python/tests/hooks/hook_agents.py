"""Agents as the room starts them, in processes of their own, against real servers of this process. The room here says what a test wants."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PYTHON = Path(__file__).resolve().parents[2]
TOKEN = "feedc0de00000000feedc0de00000000"
CLIENTS = Path(__file__).with_name("hook_clients.py")

LIBRARIES = {
    "use_requests": "requests",
    "use_urllib3": "urllib3",
    "use_httpx": "httpx",
    "use_httpx_async": "httpx",
    "use_httpx2": "httpx2",
    "use_httpx2_async": "httpx2",
    "use_aiohttp": "aiohttp",
    "use_urllib_request": "urllib",
    "use_http_client": "http",
}

Json = dict[str, Any]


class Room:
    """Speaks the bridge's protocol with whoever comes."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="iron-cage-hooks-")
        self.place = os.path.join(self.folder, "bridge")
        self.hellos: list[Json] = []
        self.asked: list[tuple[str, Json]] = []
        self.told: list[tuple[str, Json]] = []
        self.services: list[Json] = []
        self.verdict: Json = {"do": "call"}
        self.instead: Json | None = None
        #: Questions that it leaves without an answer.
        self.silent: tuple[str, ...] = ()
        self.heard = threading.Condition()
        self.open: list[socket.socket] = []
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.place)
        self.server.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.open.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        try:
            for line in connection.makefile("rb"):
                answer = self.hear(json.loads(line))
                if answer is not None:
                    connection.sendall(json.dumps(answer).encode() + b"\n")
        except (OSError, ValueError):
            pass

    def hear(self, message: Json) -> Json | None:
        with self.heard:
            self.heard.notify_all()
            kind = message["kind"]
            if kind == "hello":
                self.hellos.append(message)
                return {"kind": "welcome", "protocol": 1, "agentId": "lg-7a3f9c2d", "room": "1.2.3"} if "protocol" in message else None
            if kind == "tell":
                self.told.append((message["command"], message["input"]))
                return None
            if kind != "ask":
                return None
            self.asked.append((message["command"], message["input"]))
            if message["command"] in self.silent:
                return None
            return {"kind": "answer", "id": message["id"], "output": self.answer(message["command"])}

    def answer(self, command: str) -> Json:
        if command == "service.plan":
            return {"services": self.services}
        if command == "service.begin":
            base = {"callId": f"svc-{len(self.asked):016x}", "isProbe": False, "instead": None, "retryAfterMs": None, "reason": None}
            return {**base, **self.verdict}
        return {"instead": self.instead} if command == "service.end" else {}

    def all(self, command: str) -> list[Json]:
        """What was asked or told, and everybody who said it is gone."""
        return [given for name, given in (*self.asked, *self.told) if name == command]

    def until(self, command: str, number: int = 1) -> list[Json]:
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.all(command)) >= number, 10), f"{command} came {len(self.all(command))} times"
        return self.all(command)

    def destinations(self) -> dict[tuple[str, str], int]:
        sums: dict[tuple[str, str], int] = {}
        for report in self.all("destination.report"):
            for one in report["hosts"]:
                key = (one["host"], one["covered"])
                sums[key] = sums.get(key, 0) + one["calls"]
        return sums

    def go(self) -> None:
        self.server.close()
        os.unlink(self.place)
        for connection in self.open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        self.server.close()
        for connection in self.open:
            connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Service:
    """A real server that answers as it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        service = self
        self.seen: list[Json] = []
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.body: bytes = b'{"name": "Ada", "n": 1.5}'
        self.kind = "application/json"
        self.on_get: Callable[[BaseHTTPRequestHandler], bool] = lambda _: False

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                if self.headers.get("transfer-encoding") == "chunked":
                    body = self.chunks()
                seen = {"method": self.command, "path": self.path, "headers": dict(self.headers.items()), "body": body.decode("latin-1")}
                service.seen.append({**seen, "headers": {name.lower(): value for name, value in self.headers.items()}})
                if service.on_get(self):
                    return
                self.send_response(service.statuses.pop(0) if service.statuses else 200)
                self.send_header("content-type", service.kind)
                self.send_header("content-length", str(len(service.body)))
                for name, value in service.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(service.body)

            do_POST = do_PUT = do_HEAD = do_CONNECT = do_GET

            def chunks(self) -> bytes:
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        # Agents that hang up in the midst of an answer are meant to.
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.port = self.server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Agents:
    def __init__(self, room: Room, gateway: Service) -> None:
        self.room, self.gateway = room, gateway
        self.clients = [name for name, library in LIBRARIES.items() if importlib.util.find_spec(library) is not None]

    def environment(self, **changes: str) -> dict[str, str]:
        run = f"{self.gateway.url}/run/{TOKEN}"
        ours = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PYTHON / "bootstrap"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "IRON_CAGE_BRIDGE": self.room.place,
            "IRON_CAGE_RUN_TOKEN": TOKEN,
            "OPENAI_BASE_URL": f"{run}/openai/v1",
            "ANTHROPIC_BASE_URL": f"{run}/anthropic",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
        return {**ours, **changes}

    def run(self, text: str, *, flags: tuple[str, ...] = (), code: int = 0, errors: str | None = "", **changes: str) -> str:
        child = subprocess.run(
            [sys.executable, *flags, "-c", text],
            # Python looks for modules where it is started: not among ours.
            cwd=os.path.dirname(self.room.place),
            env=self.environment(**changes),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert child.returncode == code, child.stderr
        if errors is not None:
            assert child.stderr == errors
        return child.stdout

    def calls(self, text: str, **options: Any) -> dict[str, list[Any]]:
        """Runs `text` once for each client that is installed, in one process, and gives what each has shown."""
        whole = f"{CLIENTS.read_text()}\nTEXT = {text!r}\nfor name in {list(self.clients)!r}:\n    use(name)\n    exec(TEXT)\n"
        shown: dict[str, list[Any]] = {name: [] for name in self.clients}
        for line in self.run(whole, **options).splitlines():
            name, what = json.loads(line)
            shown[name].append(what)
        return shown
