from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

import iron_cage
from iron_cage import (
    AgentRuntime,
    BudgetExceeded,
    CircuitBreaker,
    CircuitOpen,
    NotAllowed,
    PIIBlocked,
    cached,
    current_runtime,
    placeholder,
    protect_agent,
)
from iron_cage.testing import Backend, Failure, MockClock, MockRuntime, ProviderError, Reply, ServiceDown, ToolCall


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise AssertionError("A test of MockRuntime has opened a connection.")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_it_is_current_and_records_what_is_told() -> None:
    with MockRuntime(budget=1.00) as runtime:
        assert current_runtime() is runtime and runtime.is_protected and runtime.agent_id == "mk-00000001"
        runtime.progress(23, 100, unit="lead", latency=1.9)
        runtime.log("read", level="warning", rows=100)
        assert runtime.check("ceo@acme.com") == "[EMAIL_REDACTED]"
    assert current_runtime() is None
    assert [event.name for event in runtime.events] == ["agent.progressed", "log.written", "safety.recorded"]
    assert runtime.events[0].message == "23 / 100 leads (23%)"
    assert runtime.events[1].severity == "WARN" and runtime.events[1].payload["fields"] == {"rows": 100}
    assert runtime.events[2].message == "An email address was redacted in a tool call."
    (finding,) = runtime.findings
    assert (finding.type, finding.direction, finding.action, finding.severity) == ("email", "tools", "redacted", "CRITICAL")


def test_a_block_can_be_entered_again_and_goes_on_where_it_was() -> None:
    runtime = MockRuntime(budget=1.00)
    for _ in range(2):
        with runtime:
            runtime.spend(0.30)
            with pytest.raises(RuntimeError, match="is open already"), runtime:
                raise AssertionError
    assert runtime.spent == pytest.approx(0.60)


def test_a_budget_is_never_exceeded_and_warns_at_nine_tenths() -> None:
    with MockRuntime(budget=1.00) as runtime:
        held = runtime.reserve(0.60)
        with pytest.raises(BudgetExceeded, match="MockRuntime does not wait"):
            runtime.reserve(0.50)
        held.settle(0.40)
        assert (runtime.spent, runtime.limit) == (0.40, 1.00)
        with pytest.raises(BudgetExceeded) as caught:
            runtime.reserve(0.70)
        assert (caught.value.limit, caught.value.spent, caught.value.requested) == (1.0, 0.4, 0.7)
        runtime.reserve(0.60).release()
        runtime.spend(0.50)
        with pytest.raises(ValueError, match="nothing costs more"):
            runtime.reserve(0.01).settle(0.02)
        runtime.raise_budget(9.00)
        assert runtime.limit == 10.00
    assert [event.name for event in runtime.events] == ["budget.exhausted", "budget.warned", "budget.raised"]
    assert runtime.events[1].message == "$0.90 of $1.00 is spent (90.0%)."


def test_blocks_within_have_budgets_within() -> None:
    with MockRuntime(budget=1.00) as runtime:

        @protect_agent(budget=0.20)
        def work(amount: float) -> float:
            runtime.spend(amount)
            inner = current_runtime()
            assert inner is not None and inner is not runtime
            return inner.spent

        assert work(0.15) == 0.15
        with pytest.raises(BudgetExceeded, match=r'Of the \$0.20 for "work", \$0.20 is left'):
            work(0.25)
        assert runtime.spent == 0.15 and runtime.room.scopes.keys() == {runtime._scope}


def test_generators_coroutines_and_threads_are_in_it() -> None:
    @protect_agent(budget=0.10)
    def numbers() -> Iterator[str]:
        for _ in range(2):
            runtime.spend(0.05)
            yield "spent"

    @protect_agent(budget=0.10)
    async def wait() -> AsyncIterator[str]:
        await asyncio.sleep(0)
        runtime.spend(0.05)
        yield "spent"

    async def main() -> list[str]:
        async with MockRuntime(budget=1.00) as other:
            assert current_runtime() is other
        return [one async for one in wait()]

    with MockRuntime(budget=1.00) as runtime:
        assert [*numbers(), *asyncio.run(main())] == ["spent"] * 3
        thread = threading.Thread(target=lambda: list(numbers()))
        thread.start()
        thread.join()
    assert runtime.spent == pytest.approx(0.25)


def test_private_data_is_blocked_where_the_block_says_so() -> None:
    with MockRuntime(pii_detection="block") as runtime, pytest.raises(PIIBlocked) as caught:
        runtime.check({"mail": ["call (212) 555-0147"]})
    assert caught.value.types == ("phone",) and runtime.findings[0].place == "output.mail[0]"
    with MockRuntime(pii_detection=False) as runtime:
        assert runtime.check("SSN 078-05-1120") == "SSN 078-05-1120"
        assert runtime.findings[0].action == "warned"
        with AgentRuntime(pii_detection="redact") as inner:
            assert inner.check("SSN 078-05-1120") == "SSN [SSN_REDACTED]"


def test_tools_are_told_redacted_and_forbidden() -> None:
    with MockRuntime(forbidden_tools=["rm"]) as runtime:

        @iron_cage.tool("send_mail")
        def send_mail(to: str, body: str) -> str:
            return f"sent {body} to {to}, cc bo@example.com"

        @runtime.tool("rm")
        def remove(path: str) -> None:
            raise AssertionError(path)

        assert send_mail("sales", body="ada@example.com") == "sent [EMAIL_REDACTED] to sales, cc [EMAIL_REDACTED]"
        with pytest.raises(NotAllowed, match="do not allow the tool rm"):
            remove("/")
    assert [event.name for event in runtime.events if event.name.startswith("tool.")] == ["tool.began", "tool.ended", "tool.began"]


def test_checkpoints_are_kept() -> None:
    runtime = MockRuntime()
    with runtime:
        for lead in runtime.checkpoint.each(["acme", "globex", "initech"]):
            if lead == "initech":
                break
    with runtime:
        assert list(runtime.checkpoint.each(["acme", "globex", "initech"])) == ["initech"]


def test_a_service_that_fails_is_left_alone_and_tried_again() -> None:
    clock, backend = MockClock(), Backend.recovering(5, {"name": "ada"})
    with MockRuntime(clock=clock) as runtime:
        runtime.progress(0, 100, unit="lead")

        @runtime.service("linkedin", price=0.10)
        def profile(person: str) -> object:
            return backend(person)

        for _ in range(5):
            with pytest.raises(ServiceDown):
                profile("ada")
        clock.advance(59.5)
        with pytest.raises(CircuitOpen, match="linkedin is failing: 5 calls in a row") as caught:
            profile("ada")
        assert caught.value.retry_after == 0.5 and backend.calls == 5
        clock.advance(0.5)
        assert profile("ada") == {"name": "ada"}
        assert runtime.service_view("linkedin")["formatted"] == {
            "blocked": "1 lead",
            "saved": "$0.10 saved",
            "viaFallback": "0% via fallback",
        }
    assert [event.name for event in runtime.events[1:]] == ["service.opened", "service.probing", "service.recovered"]
    assert runtime.events[-1].message == "linkedin works again after 1 min."


def test_fallbacks_answer_in_turn() -> None:
    clock, backend = MockClock(), Backend([{"name": "ada"}, ConnectionError("down")])
    with MockRuntime(clock=clock) as runtime:

        @runtime.service("linkedin", fallback=[cached(max_age=60), placeholder({})], breaker=CircuitBreaker(failures=3))
        def profile(person: str) -> object:
            return backend(person)

        assert profile.answer("ada").tier == "primary"
        clock.advance(10)
        answer = profile.answer("ada")
        assert (answer.value, answer.tier, answer.age) == ({"name": "ada"}, "cached", 10.0)
        assert profile.answer("bo").tier == "placeholder"
        clock.advance(51)
        assert profile.answer("ada").tier == "placeholder"
        with runtime.service("clearbit", fallback=[lambda: "elsewhere"]) as call:
            raise TimeoutError
        assert (call.value, call.tier) == ("elsewhere", "custom")
        runtime.open_breaker("crunchbase")
        with pytest.raises(CircuitOpen):
            runtime.service("crunchbase")(lambda: 1)()
        runtime.close_breaker("crunchbase")
        assert runtime.service("crunchbase")(lambda: 1)() == 1
    assert runtime.service_view("linkedin")["formatted"]["viaFallback"] == "100% via fallback"


def test_a_model_answers_in_turn_and_costs_what_it_costs() -> None:
    with MockRuntime(budget=0.40) as runtime:
        model = runtime.llm(["first", Reply("second", input_tokens=1000, output_tokens=500), lambda request: f"said {request['model']}"])
        assert model("a question", max_tokens=100) == "first"
        assert model("a question", max_tokens=1000) == "second"
        assert runtime.calls[1].cost == 0.03 + 0.03
        assert list(model.stream("a question", max_tokens=100)) == ["said", " gpt", "-4"]
        assert asyncio.run(model.ask_async("a question", max_tokens=100)) == "said gpt-4"
        with pytest.raises(BudgetExceeded):
            model("without a limit a call may cost what 8192 tokens cost")
    assert runtime.calls[0].cost == round(4 * 0.00003 + 2 * 0.00006, 9)
    assert [call.outcome for call in runtime.calls] == ["answered"] * 4 + ["refused"]
    assert runtime.spent == pytest.approx(sum(call.cost for call in runtime.calls))


def test_a_stream_that_nobody_reads_to_its_end_is_charged_in_part() -> None:
    with MockRuntime(budget=1.00) as runtime:
        model = runtime.llm([Reply("word " * 100, pieces=10)])
        pieces = model.stream("a question", max_tokens=200)
        next(pieces)
        assert runtime.room.book.reserved > 0
        pieces.close()  # type: ignore[attr-defined]
        assert runtime.room.book.reserved == 0 and 0 < runtime.spent < 0.005


def test_a_model_that_fails() -> None:
    with MockRuntime() as runtime:
        model = runtime.llm([Failure(429, retry_after=30), Failure(400), OSError("cut off"), Failure(503)])
        with pytest.raises(ProviderError) as caught:
            model("x")
        assert (caught.value.status_code, caught.value.retry_after) == (429, 30.0)
        with pytest.raises(ProviderError):
            model("x")
        with pytest.raises(OSError, match="cut off"):
            model("x")
        for _ in range(3):
            with pytest.raises(ProviderError):
                model("x")
        with pytest.raises(CircuitOpen) as opened:
            model("x")
        assert opened.value.service == "openai" and opened.value.retry_after == 60.0
        runtime.clock.advance(60)
        with pytest.raises(ProviderError):
            model("x")
    assert runtime.spent == 0


def test_what_goes_to_a_model_and_comes_from_it_is_redacted() -> None:
    with MockRuntime(pii_detection="redact") as runtime:
        model = runtime.llm(["Call (212) 555-0147", ToolCall("send", {"to": "bo@example.com"})])
        assert model("My SSN is 078-05-1120") == "Call [PHONE_REDACTED]"
        assert runtime.calls[0].request["messages"][0]["content"] == "My SSN is [SSN_REDACTED]"
        called = model.ask("again")["choices"][0]["message"]["tool_calls"][0]["function"]
        assert called == {"name": "send", "arguments": '{"to": "[EMAIL_REDACTED]"}'}
    with MockRuntime(pii_detection="block") as runtime:
        model = runtime.llm(["Call (212) 555-0147"])
        with pytest.raises(PIIBlocked, match="in a request"):
            model("My SSN is 078-05-1120")
        assert model.requests == []
        with pytest.raises(PIIBlocked, match="in an answer"):
            model("Who is it?")
        assert runtime.spent > 0
        assert "078" not in repr(runtime.calls) and "0147" not in repr(runtime.calls)


def test_a_model_without_a_price_is_not_asked() -> None:
    with MockRuntime() as runtime:
        with pytest.raises(iron_cage.IronCageError, match="has no price here"):
            runtime.llm(model="homemade")("x")
        assert runtime.llm(["yes"], model="homemade", prices={"homemade": (1.0, 2.0)})("x") == "yes"
        assert runtime.llm(["yes"], model="gpt-4o-2024-08-06")("x") == "yes"


def test_the_same_seed_gives_the_same_ids() -> None:
    def ids(seed: int) -> list[object]:
        with MockRuntime(seed=seed) as runtime:
            runtime.service("linkedin")(lambda: 1)()
        return [given.get("callId") for _, given in runtime.room.asked]

    assert ids(1) == ids(1) != ids(2)


def test_what_it_does_not_know_it_says() -> None:
    with MockRuntime() as runtime, pytest.raises(NotImplementedError, match=r"does not know secret\.reveal"):
        runtime._ask("secret.reveal", {})


def test_the_environment_is_as_it_was() -> None:
    before = dict(os.environ)
    with MockRuntime():
        assert os.environ["OPENAI_API_KEY"]
    assert dict(os.environ) == before


def test_time_goes_forward_only() -> None:
    clock = MockClock()
    clock.advance(1.5)
    assert (clock.elapsed, clock.time()) == (1.5, 1_795_271_026.5)
    with pytest.raises(ValueError, match="only goes forward"):
        clock.advance(-1)
