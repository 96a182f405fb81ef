from __future__ import annotations

import asyncio

import pytest

from iron_cage import BudgetExceeded, CircuitOpen, PIIBlocked, protect_agent
from iron_cage.testing import (
    Failure,
    MockClock,
    MockRuntime,
    ProviderError,
    Scenario,
    assert_budget_exceeded,
    assert_circuit_open,
    assert_pii_detected,
    false_alarms,
    find_private,
    pii_samples,
    redact,
    samples,
)


def said(problem: pytest.ExceptionInfo[AssertionError]) -> str:
    return str(problem.value)


def test_a_budget_was_exceeded(budget_nearly_spent: MockRuntime) -> None:
    runtime = budget_nearly_spent
    with assert_budget_exceeded(limit=1.00, spent=0.95) as caught:
        runtime.spend(0.10)
    assert isinstance(caught.error, BudgetExceeded) and caught.error.requested == 0.10
    assert assert_budget_exceeded(runtime).error is runtime.refusals[-1]
    assert_budget_exceeded(caught.error)


def test_a_budget_was_not_exceeded_and_what_happened_instead(mock_runtime: MockRuntime) -> None:
    with pytest.raises(AssertionError) as problem, assert_budget_exceeded():
        mock_runtime.spend(0.10)
    assert said(problem) == "Expected BudgetExceeded, but nothing was refused: $0.10 / $1.00 spent in 0 calls."
    with pytest.raises(AssertionError, match=r"its limit is 1\.0, not 2\.0: Of the budget"), assert_budget_exceeded(limit=2.00):
        mock_runtime.spend(5.00)
    with pytest.raises(AssertionError, match="but KeyError was raised: 'lead'") as problem, assert_budget_exceeded():
        raise KeyError("lead")
    assert isinstance(problem.value.__cause__, KeyError)
    with pytest.raises(AssertionError, match="but CircuitOpen was raised"), assert_budget_exceeded():
        raise CircuitOpen("linkedin")
    with pytest.raises(AssertionError, match="it is ValueError: 3"):
        assert_budget_exceeded(ValueError(3))
    with pytest.raises(KeyboardInterrupt), assert_budget_exceeded():
        raise KeyboardInterrupt


def test_a_circuit_is_open(service_down: Scenario, iron_cage_clock: MockClock) -> None:
    runtime, backend = service_down.runtime, service_down.backend
    fetch = runtime.service("linkedin")(backend)
    with pytest.raises(AssertionError) as problem:
        assert_circuit_open(runtime)
    assert said(problem) == "Expected an open breaker, but all are closed."
    for _ in range(5):
        with pytest.raises(ConnectionError):
            fetch()
    assert_circuit_open(runtime, "linkedin")
    with assert_circuit_open(service="linkedin") as caught:
        fetch()
    assert isinstance(caught.error, CircuitOpen) and caught.error.retry_after == 60 and backend.calls == 5
    with pytest.raises(AssertionError, match="the breaker of linkedin is open"), assert_circuit_open(service="clearbit"):
        fetch()
    with pytest.raises(AssertionError, match="an open breaker of clearbit, but all are closed: linkedin open, 5 failures in a row"):
        assert_circuit_open(runtime, "clearbit")
    with pytest.raises(AssertionError, match="no call was kept away: linkedin open"), assert_circuit_open():
        pass
    iron_cage_clock.advance(60)
    with pytest.raises(ConnectionError):
        fetch()


def test_private_data_was_detected(pii_in_answer: MockRuntime) -> None:
    model = pii_in_answer.llm(["nothing"], model="gpt-4o")
    with pytest.raises(AssertionError) as problem, assert_pii_detected():
        model("x")
    assert said(problem) == "Expected private data, but within the block nothing private was found."
    pii_in_answer._models.pop()
    with assert_pii_detected(None, "email", "phone", "ssn"):
        answer = pii_in_answer._models[0]("Who is it?", max_tokens=100)
    assert answer == "Write to [EMAIL_REDACTED], call [PHONE_REDACTED]; SSN [SSN_REDACTED]."
    assert_pii_detected(pii_in_answer, "ssn")
    assert_pii_detected("bo@example.com", "email")
    assert_pii_detected(PIIBlocked(["ssn"]), "ssn")
    with pytest.raises(AssertionError, match=r"private data \(ssn\), but in 'bo@example.com' had email only"):
        assert_pii_detected("bo@example.com", "ssn")
    with pytest.raises(AssertionError, match=r"\(itin\), but in all that passed had email, phone, ssn only"):
        assert_pii_detected(pii_in_answer, "itin")


def test_blocked_private_data_is_detected_as_well() -> None:
    with MockRuntime(pii_detection="block") as runtime, assert_pii_detected(None, "ssn") as caught:
        runtime.check("SSN 078-05-1120")
    assert isinstance(caught.error, PIIBlocked)


def test_asynchronously(mock_runtime: MockRuntime) -> None:
    @protect_agent(budget=0.10)
    async def work() -> None:
        await asyncio.sleep(0)
        mock_runtime.spend(0.20)

    async def main() -> None:
        async with assert_budget_exceeded(limit=0.10):
            await work()

    asyncio.run(main())


def test_scenarios(rate_limited_service: Scenario, recovering_service: Scenario, model_down: MockRuntime) -> None:
    runtime = rate_limited_service.runtime
    limited = runtime.service("linkedin")(rate_limited_service.backend)
    for _ in range(5):
        with pytest.raises(Exception, match="HTTP 429"):
            limited()
    assert runtime.service_view("linkedin")["reason"] == "5 calls in a row (429)"

    recovering = recovering_service.runtime.service("clearbit")(recovering_service.backend.ask_async)

    async def six_times() -> object:
        for _ in range(5):
            with pytest.raises(Exception, match="HTTP 503"):
                await recovering()
        recovering_service.runtime.clock.advance(60)
        return await recovering()

    assert asyncio.run(six_times()) == {"ok": True}
    assert isinstance(model_down._models[0]._responses[0], Failure)
    with pytest.raises(ProviderError):
        model_down._models[0]("x")


def test_samples_are_the_same_for_the_same_seed_and_are_found() -> None:
    made = list(pii_samples(60, seed=7, types=("email", "phone", "ssn", "itin")))
    assert made == list(pii_samples(60, seed=7, types=("email", "phone", "ssn", "itin"))) != list(pii_samples(60, seed=8))
    for sample in made:
        (found,) = find_private(sample.text)
        assert (found.type, sample.text[found.start : found.end]) == (sample.type, sample.value)
        assert redact(sample.text) == sample.redacted
    for sample in false_alarms():
        assert find_private(sample.text) == []
    with pytest.raises(ValueError, match="There is no type 'card'"):
        list(pii_samples(1, types=("card",)))  # type: ignore[arg-type]

    async def collect() -> list[samples.PIISample]:
        return [one async for one in samples.pii_samples_async(60, seed=7, types=("email", "phone", "ssn", "itin"))]

    assert asyncio.run(collect()) == made
