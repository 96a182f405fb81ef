# Tests of an agent without a room, a key or a network: MockRuntime has the same rules, a model that says what you want, and a clock.
# Run it: pytest examples/testing/test_qualify.py

import pytest
import qualify as agent
from openai import APIError

from iron_cage.testing import Backend, Failure, MockRuntime, assert_budget_exceeded, assert_pii_detected


def test_each_lead_gets_a_verdict() -> None:
    with MockRuntime(budget=1.00) as runtime:
        runtime.llm(["8", "3"], model="gpt-4o")
        leads = agent.qualify(["Alder Works", "Nordlicht Energy"])

    assert [(lead.company, lead.employees, lead.verdict) for lead in leads] == [("Alder Works", 40, "8"), ("Nordlicht Energy", 900, "3")]
    assert len(runtime.calls) == 2
    assert sum(call.cost for call in runtime.calls) < 0.01


def test_without_the_register_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    register = Backend.down()
    monkeypatch.setattr(agent, "ask_register", register)
    with MockRuntime(budget=1.00) as runtime:
        runtime.llm(["5"], model="gpt-4o")
        leads = agent.qualify([f"Company {number}" for number in range(10)])
    assert [lead.employees for lead in leads] == [None] * 10
    # Then its breaker opened.
    assert register.calls == 5


def test_it_stops_before_the_budget_is_overrun() -> None:
    with MockRuntime(budget=0.0008) as runtime:
        runtime.llm(["8"], model="gpt-4o")
        with assert_budget_exceeded(limit=0.0008):
            agent.qualify(["Alder Works"] * 10)
    assert sum(call.cost for call in runtime.calls) <= 0.0008


def test_private_data_in_an_answer_is_redacted(pii_in_answer: MockRuntime) -> None:
    [lead] = agent.qualify(["Alder Works"])
    assert "ada.sample@example.com" not in lead.verdict
    assert_pii_detected(pii_in_answer, "email")


def test_a_provider_that_is_down_is_no_secret() -> None:
    with MockRuntime() as runtime:
        runtime.llm([Failure(503)])
        with pytest.raises(APIError):
            agent.qualify(["Alder Works"])
