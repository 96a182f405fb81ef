"""Fixtures for pytest, which finds them by itself where iron_cage is installed. Each test has its own; nothing leaves the process.

def test_stops_in_time(mock_runtime):
    mock_runtime.llm(["yes"], model="gpt-4")
    with assert_budget_exceeded(limit=1.00):
        for lead in leads:
            qualify(lead)
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iron_cage.testing import MockClock, MockRuntime, Scenario


@pytest.fixture
def iron_cage_clock() -> MockClock:
    """The clock of the other fixtures; `advance(seconds)` lets time go by."""
    from iron_cage.testing import MockClock

    return MockClock()


@pytest.fixture
def mock_runtime(iron_cage_clock: MockClock) -> Iterator[MockRuntime]:
    """An open MockRuntime with a dollar."""
    from iron_cage.testing import MockRuntime

    with MockRuntime(budget=1.00, clock=iron_cage_clock) as runtime:
        yield runtime


@pytest.fixture
def budget_nearly_spent(iron_cage_clock: MockClock) -> Iterator[MockRuntime]:
    """An open MockRuntime of a dollar, 95 cents of which are spent."""
    from iron_cage.testing import MockRuntime

    with MockRuntime(budget=1.00, clock=iron_cage_clock) as runtime:
        runtime.spend(0.95)
        yield runtime


@pytest.fixture
def pii_in_answer(iron_cage_clock: MockClock) -> Iterator[MockRuntime]:
    """An open MockRuntime whose model answers with an email address, a phone number and an SSN, all invented."""
    from iron_cage.testing import MockRuntime

    with MockRuntime(budget=10.00, clock=iron_cage_clock) as runtime:
        runtime.llm(["Write to ada.sample@example.com, call (212) 555-0147; SSN 078-05-1120."])
        yield runtime


@pytest.fixture
def model_down(iron_cage_clock: MockClock) -> Iterator[MockRuntime]:
    """An open MockRuntime whose model says 500."""
    from iron_cage.testing import Failure, MockRuntime

    with MockRuntime(budget=10.00, clock=iron_cage_clock) as runtime:
        runtime.llm([Failure(500)])
        yield runtime


@pytest.fixture
def service_down(mock_runtime: MockRuntime) -> Scenario:
    """A service that never answers: `service_down.backend` raises ConnectionError, `service_down.runtime` watches it."""
    from iron_cage.testing import Backend, Scenario

    return Scenario(mock_runtime, Backend.down())


@pytest.fixture
def rate_limited_service(mock_runtime: MockRuntime) -> Scenario:
    """A service that says 429, and to come back in 30 seconds."""
    from iron_cage.testing import Backend, Scenario

    return Scenario(mock_runtime, Backend.rate_limited(30.0))


@pytest.fixture
def recovering_service(mock_runtime: MockRuntime) -> Scenario:
    """A service that fails five times, and then answers `{"ok": True}`."""
    from iron_cage.testing import Backend, Scenario

    return Scenario(mock_runtime, Backend.recovering(5, {"ok": True}))
