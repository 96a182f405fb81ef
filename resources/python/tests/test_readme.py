"""Every example of the guide runs, outside of the room and within."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from conftest import PYTHON

if TYPE_CHECKING:
    from conftest import TestRoom

pytestmark = pytest.mark.room

WRITTEN = re.findall(r"^```python\n(.*?)^```", (PYTHON / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
# Those with frameworks are run in tests/langchain, and those for tests in tests/testing.
EXAMPLES = [example for example in WRITTEN if "langchain" not in example and "iron_cage.testing" not in example]
SAID = [
    "",
    "dollars",
    "placeholder\n{} placeholder\nit failed",
    "initech",
    "sent to sales: Call [EMAIL_REDACTED]",
    "$0.00",
    "BudgetExceeded(",
]


def test_there_are_as_many_examples_as_are_looked_at() -> None:
    assert len(EXAMPLES) == len(SAID)


@pytest.mark.parametrize("number", range(len(SAID)))
def test_an_example_runs(room: TestRoom, number: int) -> None:
    if "from openai" in EXAMPLES[number] and find_spec("openai") is None:
        pytest.skip("openai is not installed here")
    assert SAID[number] in room.python(EXAMPLES[number])


def test_the_examples_run_as_agents_of_the_room(room: TestRoom) -> None:
    fit = [example for example in EXAMPLES if "openai" not in example and "Runtime(budget=50.0)" not in example]
    started = [room.start(room.write(f"example_{number}.py", example)) for number, example in enumerate(fit)]
    for agent_id in started:
        agent = room.settled(agent_id)
        assert agent["status"] == "stopped", agent["lastOutput"]
