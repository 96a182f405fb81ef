"""The demo's agent under supervision in a real room, which knows nothing of a demo of its own here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from demo_world import AGENT, SCORE, stand_in

if TYPE_CHECKING:
    from conftest import TestRoom

pytestmark = pytest.mark.room

PRIVATE = SCORE.replace("it is cold.", "write to ceo@sample.example or call (415) 555-0132, SSN 219-09-9998.")


@pytest.mark.parametrize(
    "engine",
    ["sdk", pytest.param("langchain", marks=pytest.mark.skipif(find_spec("langchain_openai") is None, reason="there is no LangChain"))],
)
def test_killed_in_the_midst_and_with_private_data(room: TestRoom, tmp_path: Path, engine: str) -> None:
    with stand_in(tmp_path) as stand:
        stand.leads(6, known=(2,))
        arrived, release = threading.Event(), threading.Event()

        def say(lead: int, body: dict[str, Any]) -> tuple[int, Any] | None:
            if len(body["messages"]) == 2:
                return None
            if lead == 4 and not release.is_set():
                arrived.set()
                release.wait(60)
            return (200, stand.world.text(PRIVATE)) if lead == 5 else None

        stand.world.model_says = say
        keys = ("LINKEDIN_API_URL", "LINKEDIN_API_KEY", "CLEARBIT_API_URL", "LEADS_RESULTS", "OPENAI_API_KEY")
        variables = {name: stand.environment()[name] for name in keys}
        agent_id = room.start(
            AGENT,
            args=["--leads", str(stand.folder / "leads.csv"), "--speed", "max"],
            workingDirectory=str(stand.folder),
            provider="live",
            upstreamOpenai=f"{stand.world.url}/v1",
            budget="50",
            restart="on-failure",
            variables={**variables, "LEADS_ENGINE": engine},
        )
        assert arrived.wait(60), room.request("GET", f"/agents/{agent_id}/status")
        os.kill(room.request("GET", f"/agents/{agent_id}/status")["pid"], signal.SIGKILL)
        release.set()
        agent = room.settled(agent_id)
        assert (agent["status"], agent["restarts"]) == ("stopped", 1), agent["lastOutput"]

        assert [(row["number"], row["status"]) for row in stand.rows()] == [(str(number), "done") for number in range(1, 7)]
        assert stand.rows()[4]["letter"] == "Dear reader, write to [EMAIL_REDACTED] or call [PHONE_REDACTED], SSN [SSN_REDACTED]. Yours"
        assert len(stand.world.lookups) == len(set(stand.world.lookups)) == 11
        budget = room.request("GET", f"/agents/{agent_id}/budget")
        assert budget["progress"] == {"done": 6, "total": 6, "unit": "lead", "failed": 0}
        services = {view["service"]: view for view in room.request("GET", f"/services?agentId={agent_id}")["services"]}
        assert services["linkedin"]["served"]["primary"] == 6 and services["clearbit"]["served"]["primary"] == 5
        told = Counter(event["name"] for event in room.events(agent_id) if event["name"].startswith("tool"))
        # Lead 4 used both of its tools twice; nobody was told of any of them twice.
        assert set(told.values()) == {13}, told


def test_started_elsewhere_it_has_a_pace_of_its_own(room: TestRoom, tmp_path: Path) -> None:
    with stand_in(tmp_path) as stand:
        stand.leads(2)
        ours = {name: value for name, value in stand.environment().items() if name.startswith(("LINKEDIN_", "CLEARBIT_", "LEADS_"))}
        done = subprocess.run(
            [sys.executable, str(AGENT), "--leads", str(stand.folder / "leads.csv"), "--speed", "100"],
            cwd=stand.folder,
            env={**room.environment, **ours},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        # The room's own simulated model knows nothing of leads.
        assert [row["number"] for row in stand.rows()] == ["1", "2"]
        (agent,) = room.agents("lead generation")
        budget = room.request("GET", f"/agents/{agent['id']}/budget")
        assert budget["progress"]["done"] == 2 and budget["calls"] >= 2
