"""What the demo's agent meets: a model, LinkedIn and Clearbit on this machine, and a room in memory at the other end of its bridge."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bridge import Bridge, Refuse

from iron_cage.errors import IronCageError
from iron_cage.testing import responses
from iron_cage.testing._clock import MockClock
from iron_cage.testing._room import MockRoom

PYTHON = Path(__file__).resolve().parents[2]
DEMO = PYTHON.parent / "demo"
AGENT = DEMO / "lead_gen_agent.py"
COLUMNS = ["name", "role", "company", "domain", "city", "note", "industry", "employees"]
SCORE = "Score: 8/10\nWhy: a large building.\nLetter: Dear reader,\nit is cold.\nYours"
_FROM_ROOM = ("agent.progress", "tool.end", "service.end", "service.served")
_TO_ROOM = ("checkpoint.save", "checkpoint.load", "service.declare", "service.begin", "service.end", "tool.begin", "tool.end")


class World(ThreadingHTTPServer):
    """Answers as the demo's own does; `model_says` may answer in the model's place, with a status and a body, or None."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Answers)
        #: What was asked of the model, as JSON.
        self.requests: list[dict[str, Any]] = []
        #: `linkedin Ada` and `clearbit ada.example`, in order.
        self.lookups: list[str] = []
        self.keys: list[str | None] = []
        self.model_says: Callable[[int, dict[str, Any]], tuple[int, Any] | None] = lambda _lead, _body: None
        self.linkedin_says: Callable[[str], int] = lambda _name: 200
        self.clearbit_status = 200
        #: Rounds in which the model wants to think on where a profile is not LinkedIn's own.
        self.more = 2
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def asked_for(self, lead: int) -> list[dict[str, Any]]:
        return [body for body in self.requests if lead_of(body) == lead]

    def text(self, text: str) -> dict[str, Any]:
        """An answer of the model."""
        return dict(responses.openai_chat(text, model="o1"))

    def complete(self, body: dict[str, Any]) -> tuple[int, Any]:
        self.requests.append(body)
        instead = self.model_says(lead_of(body), body)
        if instead is not None:
            return instead
        told = [message["content"] for message in body["messages"] if message["role"] == "tool"]
        if not told:
            return 200, self._tool_calls(body)
        went_on = sum(message["content"] == "Go on." for message in body["messages"])
        is_own = '"source": "primary"' in told[0]
        return 200, self.text("MORE: let me think." if not is_own and went_on < self.more else SCORE)

    def _tool_calls(self, body: dict[str, Any]) -> dict[str, Any]:
        asked = body["messages"][1]["content"]
        name, company, domain = re.match(r"Lead \d+ of \d+: (.+?), .+? at (.+?) \((.+?)\)", asked).groups()  # type: ignore[union-attr]
        arguments = {"search_linkedin": {"name": name, "company": company}, "enrich_clearbit": {"domain": domain}}
        calls = [
            {"id": f"call_{at}", "type": "function", "function": {"name": tool, "arguments": json.dumps(arguments[tool])}}
            for at, tool in enumerate(offered(body))
        ]
        answer: dict[str, Any] = self.text("")
        answer["choices"][0]["message"] = {"role": "assistant", "content": None, "tool_calls": calls}
        answer["choices"][0]["finish_reason"] = "tool_calls"
        return answer


def lead_of(body: dict[str, Any]) -> int:
    found = re.match(r"Lead (\d+) of \d+: ", body["messages"][1]["content"])
    assert found, body["messages"][1]
    return int(found[1])


def offered(body: dict[str, Any]) -> list[str]:
    return [tool["function"]["name"] for tool in body.get("tools", [])]


class _Answers(BaseHTTPRequestHandler):
    server: World

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.keys.append(self.headers["authorization"])
        self._answer(*self.server.complete(body))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.keys.append(self.headers["authorization"])
        if parts.path == "/v2/people":
            self.server.lookups.append(f"linkedin {query['name']}")
            status = self.server.linkedin_says(query["name"])
            said = {429: {"error": "rate limit exceeded"}, 404: {"error": "unknown"}}
            self._answer(status, said.get(status, profile_of(query["name"], query["company"])))
        else:
            assert parts.path == "/v2/companies/find"
            self.server.lookups.append(f"clearbit {query['domain']}")
            self._answer(self.server.clearbit_status, {"domain": query["domain"], "industry": "glass", "employees": 120})

    def _answer(self, status: int, body: Any) -> None:
        text = json.dumps(body).encode()
        try:
            self.send_response(status)
            if status == 402:
                self.send_header("x-iron-cage-refusal", "BUDGET_EXCEEDED")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        except OSError:
            # Whoever asked was killed meanwhile.
            pass

    def log_message(self, format: str, *args: Any) -> None: ...


def profile_of(name: str, company: str) -> dict[str, Any]:
    return {"name": name, "company": company, "headline": f"{name} builds things"}


class RoomInMemory:
    """Its rules are MockRuntime's; its agent is a process of its own, which may be killed and come back."""

    def __init__(self) -> None:
        self.bridge = Bridge()
        self.mock = MockRoom(limit=None, mode="redact", clock=MockClock(), seed=0, forbidden_tools=frozenset())
        for command in _TO_ROOM:
            self.bridge.answers[command] = lambda given, command=command: self._ask(command, given)
        for command in _FROM_ROOM:
            self.bridge.tells[command] = lambda given, command=command: self._ask(command, given)
        self.bridge.answers["demo.turn"] = lambda _given: {"waitMs": 0, "speed": "max"}

    def _ask(self, command: str, given: dict[str, Any]) -> Any:
        try:
            return self.mock.ask(command, given)
        except IronCageError as problem:
            raise Refuse(problem.code, problem.message) from None

    def keep_profile(self, name: str, company: str) -> None:
        """As if LinkedIn had told it last week."""
        question = json.dumps(["", {"name": name, "company": company}], sort_keys=True)
        self.mock.services._keep("linkedin", question, profile_of(name, company))

    @property
    def progress(self) -> list[dict[str, Any]]:
        return self.bridge.inputs("agent.progress")

    @property
    def tools(self) -> list[str]:
        return [given["name"] for given in self.bridge.inputs("tool.begin")]


class Stand:
    """A world, a room, and the agent between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world = World()
        self.room = RoomInMemory()
        self.results = folder / "out" / "results.csv"
        self.engine = "sdk"
        self._children: list[subprocess.Popen[str]] = []

    def leads(self, count: int, known: tuple[int, ...] = ()) -> list[list[str]]:
        rows = [
            [f"Person{n} Testworth", "Founder", f"Sample {n}", f"sample-{n}.example", "Mockford", "met at a fair"]
            + (["glass", "80"] if n in known else ["", ""])
            for n in range(1, count + 1)
        ]
        with (self.folder / "leads.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
        return rows

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(PYTHON / "bootstrap"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "IRON_CAGE_BRIDGE": self.room.bridge.place,
            "IRON_CAGE_RUN_TOKEN": "a-token-of-a-test",
            "IRON_CAGE_AGENT_ID": "lg-00000001",
            "OPENAI_BASE_URL": f"{self.world.url}/v1",
            "OPENAI_API_KEY": "key-of-the-model",
            "LINKEDIN_API_URL": self.world.url,
            "LINKEDIN_API_KEY": "key-of-linkedin",
            "CLEARBIT_API_URL": self.world.url,
            "LEADS_ENGINE": self.engine,
            "LEADS_RESULTS": str(self.results),
            **more,
        }

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        leads = ["--leads", str(self.folder / "leads.csv")] if (self.folder / "leads.csv").exists() else []
        child = subprocess.Popen(
            [sys.executable, str(AGENT), *leads, *arguments],
            cwd=self.folder,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._children.append(child)
        return child

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Its exit code, and what it said."""
        child = self.start(*arguments, **environment)
        said, _ = child.communicate(timeout=100)
        return child.returncode, said

    def rows(self) -> list[dict[str, str]]:
        with self.results.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def close(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
        self.world.close()
        self.room.bridge.close()


@contextmanager
def stand_in(folder: Path) -> Iterator[Stand]:
    stand = Stand(folder)
    try:
        yield stand
    finally:
        stand.close()
