"""The examples with CrewAI, each as its first comment says to run it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import open_room
from example_runs import Run, Runs, examples

pytest.importorskip("crewai")

pytestmark = pytest.mark.room


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    with open_room(Path(tmp_path_factory.mktemp("ex"))) as room:
        made = Runs(room, examples("crews"), {})
        try:
            yield made
        finally:
            made.close()


def crew(run: Run) -> None:
    assert len(run.calls) == 2 and run.models == {"gpt-4o-mini"}
    assert "--- Researcher\n1. Start with what is known about repair" in run.said and "--- Writer\nHi " in run.said
    assert f"${sum(call['cost'] for call in run.calls) / 1e9:.6f} for 2 tasks" in run.said


def tasks(run: Run) -> None:
    assert len(run.calls) == 2 and run.models == {"gpt-4o"}
    letter = run.said[run.said.index("Hi there") :]
    assert "Nordlicht Energy" in letter and "Best regards" in letter and len(letter.split()) <= 80


def custom_tool(run: Run) -> None:
    assert [event["payload"]["name"] for event in run.events("tool.ended")] == ["look_up_stock"]
    assert "The crew looks it up: oak table" in run.said and "Here is what I found: oak table: 14 in stock." in run.said


CLAIMS: dict[str, Callable[[Run], None]] = {f"crews/crewai_{claim.__name__}.py": claim for claim in (crew, tasks, custom_tool)}


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_an_example_does_what_it_claims(runs: Runs, name: str) -> None:
    run = runs[name]
    assert run.code == 0, f"{run.said}\n{run.told}"
    CLAIMS[name](run)
    # CrewAI reports to nobody, and asks nobody whether it may.
    assert run.went_past_us == [] and "traces" not in run.said


def test_every_crew_is_run() -> None:
    assert [one.name for one in examples("crews")] == sorted(CLAIMS)
