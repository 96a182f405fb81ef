"""Crews as people write them, run by the real room and outside of it. There is no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("crewai")

if TYPE_CHECKING:
    from conftest import TestRoom

pytestmark = pytest.mark.room

CREW = """
from crewai import Agent, Crew, Task
from crewai.tools import tool

@tool("find_company")
def find_company(company: str) -> str:
    "Finds what is known of a company."
    open("asked.txt", "a").write(company + "\\n")
    return f"{company} makes anvils; write to ceo@acme.com"

researcher = Agent(role="Researcher", goal="Find companies", backstory="You know where to look.", tools=[find_company], llm="openai/gpt-4")
writer = Agent(role="Writer", goal="Write short messages", backstory="You are brief.", llm="openai/gpt-4")
tasks = [
    Task(description="Find what is known of the company Acme", expected_output="One sentence", agent=researcher),
    Task(description="Write a message to the company Acme", expected_output="Three sentences", agent=writer),
]
crew = Crew(agents=[researcher, writer], tasks=tasks)
"""
IN_TEXT = """
from crewai.llms.providers.openai.completion import OpenAICompletion
OpenAICompletion.supports_function_calling = lambda self: False
"""
KICK = "open('said.txt', 'w').write('\\n'.join(str(task) for task in crew.kickoff().tasks_output))\n"


def run(room: TestRoom, name: str, code: str, **settings: Any) -> dict[str, Any]:
    for left in ("asked.txt", "said.txt"):
        (room.folder / left).unlink(missing_ok=True)
    agent = room.settled(room.start(room.write(name, code), **settings), 90)
    assert (agent["status"], agent["exit"]["code"]) == ("stopped", 0), agent["lastOutput"]
    return agent


@pytest.mark.parametrize("way", ["by calls of the model", "by what the model writes"])
def test_an_unmodified_crew(room: TestRoom, way: str) -> None:
    is_in_text = way.endswith("writes")
    agent = run(room, f"crew_{is_in_text}.py", (IN_TEXT if is_in_text else "") + CREW + KICK)
    assert (room.folder / "asked.txt").read_text() == "Acme\n"
    first, *_ = (room.folder / "said.txt").read_text().splitlines()
    assert "makes anvils" in first and "ceo@" not in first
    events = room.events(agent["id"])
    used = [event for event in events if event["name"].startswith("tool.")]
    assert [(event["name"], event["payload"]["name"]) for event in used] == [("tool.began", "find_company"), ("tool.ended", "find_company")]
    assert "[EMAIL_REDACTED]" in json.dumps(used[1]["payload"]) and "ceo@" not in json.dumps(events)
    assert room.request("GET", f"/agents/{agent['id']}/metrics")["budget"]["spent"] > 0
    # It tells its makers nothing.
    seen = room.request("GET", f"/agents/{agent['id']}/destinations")["destinations"]
    assert {(one["host"], one["covered"]) for one in seen} == {("api.openai.com:443", "gateway")}


def test_a_tool_that_the_rules_forbid_is_not_used(room: TestRoom) -> None:
    rules = room.write("no_look_ups.yaml", "allowed_tools: [send_mail]\n")
    try_it = "try:\n    find_company.run(company='Acme')\nexcept Exception as problem:\n"
    tell = "    open('said.txt', 'w').write(type(problem).__name__)\n"
    run(room, "forbidden.py", CREW + try_it + tell, config=str(rules))
    assert (room.folder / "said.txt").read_text() == "NotAllowed" and not (room.folder / "asked.txt").exists()


def test_a_crew_in_a_block(room: TestRoom) -> None:
    code = f"""
{CREW}
import json, logging
from iron_cage import AgentRuntime, BudgetExceeded

logging.disable()
with AgentRuntime(budget=1.0) as runtime:
    crew.kickoff()
    spent = runtime.spent
try:
    with AgentRuntime(budget=0.0005):
        crew.kickoff()
except BudgetExceeded as problem:
    limit = problem.limit
open("block.json", "w").write(json.dumps([spent > 0, limit]))
"""
    done = room.run_python(code, OPENAI_API_KEY="sk-invented")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((room.folder / "block.json").read_text()) == [True, 0.0005]
