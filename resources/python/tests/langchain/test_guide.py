"""The examples of the guide that use LangChain run, outside of the room and within."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import PYTHON

for library in ("langchain", "langchain_openai", "langgraph"):
    pytest.importorskip(library)

if TYPE_CHECKING:
    from conftest import TestRoom

pytestmark = pytest.mark.room

WRITTEN = re.findall(r"^```python\n(.*?)^```", (PYTHON / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
EXAMPLES = [example for example in WRITTEN if "langchain" in example]
SAID = ["found: {'email': ", "Here is what I found: Acme makes anvils; write to", "2 {'gpt-4': 2}"]


@pytest.mark.parametrize("number", range(len(SAID)))
def test_an_example_runs(room: TestRoom, number: int) -> None:
    assert len(EXAMPLES) == len(SAID)
    said = room.python(EXAMPLES[number], OPENAI_API_KEY="sk-invented")
    assert SAID[number] in said
    assert number != 1 or "['model']\n['tools']\n['model']" in said


def test_the_examples_run_as_agents_of_the_room(room: TestRoom) -> None:
    for agent_id in [room.start(room.write(f"framework_{number}.py", example)) for number, example in enumerate(EXAMPLES)]:
        agent = room.settled(agent_id)
        assert (agent["status"], agent["exit"]["code"]) == ("stopped", 0), agent["lastOutput"]
