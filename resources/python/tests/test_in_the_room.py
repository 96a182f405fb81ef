"""Agents that the real room runs."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import TestRoom

pytestmark = pytest.mark.room


def test_killed_at_lead_57_of_100_every_lead_is_processed_exactly_once(room: TestRoom) -> None:
    script = room.write(
        "lead_counter.py",
        textwrap.dedent("""
            import os, signal
            from iron_cage import AgentRuntime

            leads = [f"lead-{number}" for number in range(1, 101)]
            with AgentRuntime(budget=10) as runtime:
                for lead in runtime.checkpoint.each(leads):
                    number = int(lead.partition("-")[2])
                    if number == 57 and not os.path.exists("killed"):
                        open("killed", "w").close()
                        os.kill(os.getpid(), signal.SIGKILL)
                    with open("processed.txt", "a") as file:
                        file.write(lead + "\\n")
                    runtime.progress(number, 100, unit="lead")
        """),
    )
    agent = room.settled(room.start(script, restart="on-failure"))
    assert (agent["status"], agent["restarts"]) == ("stopped", 1), agent
    assert (room.folder / "processed.txt").read_text().split() == [f"lead-{number}" for number in range(1, 101)]
    budget = room.request("GET", f"/agents/{agent['id']}/budget")
    assert budget["progress"] == {"done": 100, "total": 100, "unit": "lead", "failed": 0}


CALL = """
import json, os, urllib.request

def ask_model(text="hi", **more):
    body = {"model": "gpt-4", "messages": [{"role": "user", "content": text}], **more}
    address = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    request = urllib.request.Request(address, json.dumps(body).encode(), {"content-type": "application/json", "authorization": "Bearer x"})
    return json.load(urllib.request.urlopen(request))
"""


def test_a_block_has_a_budget_of_its_own_within_the_run(room: TestRoom) -> None:
    script = room.write(
        "scope_user.py",
        CALL
        + textwrap.dedent("""
            import iron_cage

            @iron_cage.protect_agent(budget=0.01)
            def poor():
                while True:
                    ask_model(max_tokens=100)

            try:
                poor()
            except iron_cage.BudgetExceeded as problem:
                cause = type(problem.__cause__).__name__
            with iron_cage.AgentRuntime(budget=1.0) as runtime:
                ask_model(max_tokens=100)
                spent = runtime.spent
            print(json.dumps({"cause": cause, "spent": spent, "limit": runtime.limit}))
        """),
    )
    agent_id = room.start(script, budget="5")
    agent = room.settled(agent_id)
    assert agent["status"] == "stopped", agent
    calls = room.request("GET", f"/agents/{agent_id}/metrics")
    assert calls["refusals"] == {"budget": 1}
    assert 0 < calls["budget"]["spent"] < 5_000_000_000


@pytest.mark.parametrize("flags", [[], ["-S"], ["-I"]])
def test_the_scope_goes_along_where_hooks_are_off_too(room: TestRoom, flags: list[str]) -> None:
    from conftest import PYTHON

    script = room.write(
        f"isolated_{len(flags)}_{''.join(flags)[1:]}.py",
        f"import sys; sys.path.append({str(PYTHON)!r})\n"
        + CALL
        + textwrap.dedent("""
            from iron_cage import AgentRuntime
            with AgentRuntime(budget=1) as runtime:
                ask_model(max_tokens=10)
                assert runtime.spent > 0
            assert runtime.spent > 0
        """),
    )
    inner = room.write(
        f"wrap{''.join(flags)}.py", f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, *{flags!r}, {str(script)!r}]))"
    )
    agent = room.settled(room.start(inner))
    assert (agent["status"], agent["exit"]["code"]) == ("stopped", 0), agent["lastOutput"]


def test_a_service_that_fails_is_left_alone_and_something_is_given_in_its_place(room: TestRoom) -> None:
    script = room.write(
        "service_user.py",
        textwrap.dedent("""
            import json
            from iron_cage import AgentRuntime, CircuitBreaker, CircuitOpen, cached, placeholder

            is_down, calls = False, 0
            with AgentRuntime(budget=1, circuit_breaker=CircuitBreaker(failures=3, cooldown=60)) as runtime:

                @runtime.service("linkedin", fallback=[cached(), placeholder({"name": None})])
                def profile(person):
                    global calls
                    calls += 1
                    if is_down:
                        raise ConnectionError("down")
                    return {"name": person}

                @runtime.service("clearbit")
                def company(name):
                    raise TimeoutError

                tiers = [profile.answer("ada").tier]
                is_down = True
                tiers += [profile.answer(person).tier for person in ("ada", "bob", "ada", "bob", "ada")]
                errors = []
                for _ in range(5):
                    try:
                        company("acme")
                    except (TimeoutError, CircuitOpen) as problem:
                        errors.append(type(problem).__name__)
            with open("service_user.json", "w") as file:
                json.dump([tiers, calls, errors], file)
        """),
    )
    agent_id = room.start(script)
    agent = room.settled(agent_id)
    assert agent["status"] == "stopped", agent["lastOutput"]
    tiers, calls, errors = json.loads((room.folder / "service_user.json").read_text())
    kept = tiers[1]
    # Answers are kept sealed, and only where there is a master key.
    assert kept in ("cached", "placeholder")
    assert tiers == ["primary", kept, "placeholder", kept, "placeholder", kept]
    assert calls == 4
    assert errors == ["TimeoutError"] * 3 + ["CircuitOpen"] * 2
    views = {view["service"]: view for view in room.request("GET", f"/services?agentId={agent_id}")["services"]}
    assert views["linkedin"]["state"] == "open" and views["linkedin"]["blocked"] == 2


def test_tools_outputs_logs_and_exceptions_reach_the_room(room: TestRoom) -> None:
    script = room.write(
        "teller.py",
        textwrap.dedent("""
            from iron_cage import AgentRuntime, NotAllowed, protect_agent, tool

            @tool("send_mail")
            def send_mail(to, body):
                return f"sent to {to}"

            @tool("drop_table")
            def drop_table(name):
                raise AssertionError("must not run")

            @protect_agent
            def fail():
                raise LookupError("nothing there")

            with AgentRuntime(budget=1) as runtime:
                runtime.log("the list is short", level="WARN", rows=100)
                assert runtime.check("mail ceo@acme.com") == "mail [EMAIL_REDACTED]"
                send_mail("ops", body="hello")
                try:
                    drop_table("leads")
                except NotAllowed:
                    pass
                else:
                    raise SystemExit("it was allowed")
            try:
                fail()
            except LookupError:
                pass
        """),
    )
    agent_id = room.start(script, allowedTools=["send_mail"], unauthorised="refuse")
    agent = room.settled(agent_id)
    assert (agent["status"], agent["exit"]["code"]) == ("stopped", 0), agent["lastOutput"]
    told = " ".join(f"{event['name']} {event['message']} {json.dumps(event['payload'])}" for event in room.events(agent_id))
    assert "the list is short" in told, [event["name"] for event in room.events(agent_id)]
    assert "nothing there" in told


def test_a_service_call_of_several_attempts_is_blocked_once_at_most_and_served_once(room: TestRoom) -> None:
    script = room.write(
        "asks_again.py",
        textwrap.dedent("""
            from iron_cage import AgentRuntime, cached

            is_down = False
            with AgentRuntime() as runtime:
                runtime.progress(0, 100, unit="lead")

                @runtime.service("people", fallback=[cached()], price=0.10, attempts=5, backoff=0.01)
                def profile(name):
                    if is_down:
                        raise ConnectionError
                    return {"name": name}

                tiers = [profile.answer("ada").tier for _ in range(33)]
                is_down = True
                tiers += [profile.answer("ada").tier for _ in range(67)]
                assert tiers == ["primary"] * 33 + ["cached"] * 67, tiers
        """),
    )
    agent_id = room.start(script)
    agent = room.settled(agent_id)
    assert agent["status"] == "stopped", agent["lastOutput"]
    (people,) = room.request("GET", f"/services?agentId={agent_id}")["services"]
    assert (people["state"], people["calls"], people["failures"], people["blocked"]) == ("open", 38, 5, 66)
    assert people["served"] == {"primary": 33, "cached": 67, "placeholder": 0, "custom": 0, "failed": 0}
    assert (people["formatted"]["blocked"], people["formatted"]["saved"]) == ("66 leads", "$6.60 saved")
