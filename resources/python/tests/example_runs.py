"""Examples, what their first comment says, and their runs in one room: each exactly as its comment says to run it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from conftest import PYTHON, room_command

if TYPE_CHECKING:
    from conftest import TestRoom

FOLDER = PYTHON / "examples"
MASTER_KEY = "0123456789abcdef" * 4
_STARTED = re.compile(r"\b([a-z]{2}-[0-9a-f]{8}) \S+ is being started")
_LONGEST_SECONDS = 110
# An installed package brings them by itself.
_FIXTURES = (
    {}
    if any(point.module == "iron_cage.testing.pytest_plugin" for point in entry_points(group="pytest11"))
    else {"PYTEST_PLUGINS": "iron_cage.testing.pytest_plugin"}
)


class Example(NamedTuple):
    path: Path
    #: Its path within the folder.
    name: str
    teaches: str
    command: str

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def uses(self, library: str) -> bool:
        return re.search(rf"^\s*(?:from|import) {library}\b", self.text, re.MULTILINE) is not None


def examples(folder: str = "") -> list[Example]:
    return [_read(path) for path in sorted((FOLDER / folder).rglob("*.py"))]


def _read(path: Path) -> Example:
    name = path.relative_to(FOLDER).as_posix()
    comment: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# "):
            break
        comment.append(line[2:])
    command = comment.pop() if comment else ""
    assert comment and command.startswith("Run it: "), f"{name} does not begin with what it teaches and how to run it."
    return Example(path, name, " ".join(comment), command.removeprefix("Run it: "))


class Run(NamedTuple):
    room: TestRoom
    code: int
    #: What the program has printed.
    said: str
    #: What the room has said of it.
    told: str
    agent_id: str

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Those that were made, the first of them first."""
        calls = self.room.request("GET", f"/calls?agentId={self.agent_id}&limit=200")["calls"]
        return sorted(calls, key=lambda call: call["startedAt"])

    @property
    def models(self) -> set[str]:
        return {call["model"] for call in self.calls}

    @property
    def all_events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.room.request("GET", f"/events?agentId={self.agent_id}&limit=5000")["events"]
        return events

    def events(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.all_events if event["name"] == name]

    def metric(self, name: str) -> str:
        return str(self.room.request("GET", f"/agents/{self.agent_id}/metrics")["formatted"][name])

    def service(self, name: str) -> dict[str, Any]:
        services: list[dict[str, Any]] = self.room.request("GET", f"/services?agentId={self.agent_id}")["services"]
        return next(service for service in services if service["service"] == name)

    @property
    def went_past_us(self) -> list[str]:
        reached = self.room.request("GET", f"/agents/{self.agent_id}/destinations")["destinations"]
        return [one["host"] for one in reached if one["covered"] == "none"]


def run_example(room: TestRoom, command: str, attend: Callable[[str], None] | None = None) -> Run:
    """`attend` hears each line that the program prints."""
    words = shlex.split(command)
    programs = {
        "iron_cage": room_command(),
        "python": [sys.executable],
        "pytest": [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
    }
    here = ["--interpreter", sys.executable] if words[0] == "iron_cage" else []
    with tempfile.TemporaryFile("w+") as told:
        child = subprocess.Popen(
            [*programs[words[0]], *words[1:], *here],
            cwd=PYTHON,
            env={**room.environment, **_FIXTURES},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            start_new_session=True,
        )
        said: list[str] = []
        assert child.stdout is not None
        with child.stdout:
            for line in child.stdout:
                said.append(line)
                if attend is not None:
                    attend(line)
        try:
            code = child.wait(_LONGEST_SECONDS)
        finally:
            child.kill()
        told.seek(0)
        words_of_room = told.read()
    text = "".join(said)
    agent = _STARTED.search(words_of_room) or re.search(r"\b([a-z]{2}-[0-9a-f]{8})\b", text)
    return Run(room, code, text, words_of_room, agent.group(1) if agent else "")


class Runs:
    """Two at a time: whoever looks at one run does not wait for the next to begin."""

    def __init__(self, room: TestRoom, wanted: Iterable[Example], attending: dict[str, Callable[[str], None]]) -> None:
        self._pool = ThreadPoolExecutor(2)
        self._runs: dict[str, Future[Run]] = {
            one.name: self._pool.submit(run_example, room, one.command, attending.get(one.name)) for one in wanted
        }

    def __getitem__(self, name: str) -> Run:
        return self._runs[name].result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
