"""A real room for tests: without a screen, in a folder of its own, with simulated providers and no network."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bridge import Bridge

PYTHON = Path(__file__).resolve().parents[1]
ROOT = PYTHON.parents[1]
if str(PYTHON) not in sys.path:
    sys.path.insert(0, str(PYTHON))

# Found by itself where the package is installed; here it is not.
pytest_plugins = ["iron_cage.testing.pytest_plugin"]

SETTLED = ("stopped", "crashed", "blocked", "over-budget")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "room: needs the control room itself, and so Node")


def room_command() -> list[str]:
    """The command line from its sources: what is tested is what stands there."""
    own = ROOT / "node_modules" / "node" / "bin" / "node"
    node = str(own) if own.exists() else shutil.which("node")
    assert node, "The room's tests need Node; run `npm test` once."
    return [node, str(ROOT / "src" / "main" / "cli" / "main.ts")]


def room_environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "IRON_CAGE_HOME": str(folder / "data"),
        "IRON_CAGE_KEYCHAIN": "off",
        "IRON_CAGE_AT_LIMIT": "end",
        "IRON_CAGE_COMMAND": shlex.join(room_command()),
        "NODE_COMPILE_CACHE": str(ROOT / ".cache" / "compiled"),
        "PYTHONPATH": str(PYTHON),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class TestRoom:
    __test__ = False

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.environment = room_environment(folder)
        self.token = (folder / "data" / "owner.token").read_text().strip()

    def request(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api{path}", data, headers, method=method)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as problem:
            raise AssertionError(f"{method} {path}: {problem.code} {problem.read().decode()}") from None

    def agents(self, name: str) -> list[dict[str, Any]]:
        return [agent for agent in self.request("GET", "/agents")["agents"] if agent["plan"]["name"] == name]

    def events(self, agent_id: str) -> list[dict[str, Any]]:
        # Of this agent alone: a room that serves all tests has more events than one answer holds.
        events: list[dict[str, Any]] = self.request("GET", f"/events?agentId={agent_id}&limit=5000")["events"]
        return events

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def python(self, code: str, *arguments: str, **environment: str) -> str:
        """What a program says that the room did not start."""
        done = self.run_python(code, *arguments, **environment)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def run_python(self, code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments, "-c", code],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )

    def start(self, script: Path, **settings: Any) -> str:
        agent = self.request("POST", "/agents", {"script": str(script), "interpreter": sys.executable, **settings})
        agent_id: str = agent["id"]
        return agent_id

    def settled(self, agent_id: str, seconds: float = 40) -> dict[str, Any]:
        return self.until(lambda: self._settled(agent_id), seconds)

    def _settled(self, agent_id: str) -> dict[str, Any] | None:
        agent: dict[str, Any] = self.request("GET", f"/agents/{agent_id}/status")
        return agent if agent["status"] in SETTLED else None

    @staticmethod
    def until(look: Callable[[], Any], seconds: float = 20) -> Any:
        deadline = time.monotonic() + seconds
        while True:
            found = look()
            if found:
                return found
            assert time.monotonic() < deadline, "It has not come about in time."
            time.sleep(0.03)


@contextmanager
def open_room(folder: Path, **more: str) -> Iterator[TestRoom]:
    """The path of a socket has to be short, and so has the folder's."""
    with open(folder / "room.log", "w") as log:
        child = subprocess.Popen(
            [*room_command(), "serve", "--port", "0"],
            env={**room_environment(folder), **more},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    assert child.stdout is not None
    try:
        line = child.stdout.readline()
        assert line.startswith("listening on "), (folder / "room.log").read_text()
        yield TestRoom(folder, line.split()[-1])
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestRoom]:
    with open_room(Path(tmp_path_factory.mktemp("room"))) as opened:
        yield opened


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bridge]:
    """This process as one that the room has started; hooks stay out of the tests' own process."""
    from iron_cage import _link, _wire

    made = Bridge()
    monkeypatch.setenv("IRON_CAGE_BRIDGE", made.place)
    monkeypatch.setenv("IRON_CAGE_RUN_TOKEN", os.urandom(8).hex())
    monkeypatch.setenv("IRON_CAGE_AGENT_ID", "sp-00000001")
    monkeypatch.setattr(_link, "_begin_hooks", lambda: None)
    yield made
    _link._inside_links.clear()
    for wire in list(_wire._shared.values()):
        _wire.forget(wire)
    made.close()
