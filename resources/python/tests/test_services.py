from __future__ import annotations

import asyncio
from collections import namedtuple
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from bridge import Bridge

import iron_cage
from iron_cage import AgentRuntime, CircuitBreaker, CircuitOpen, NotAllowed, ServiceAnswer, cached, placeholder


def verdict(
    do: str = "call", tier: str | None = None, value: object = None, after: int | None = None, reason: str | None = None
) -> dict[str, Any]:
    instead = None if tier is None else {"tier": tier, "value": value, "ageMs": 1500 if tier == "cached" else None}
    return {"callId": "svc-0000000000000001", "do": do, "isProbe": False, "instead": instead, "retryAfterMs": after, "reason": reason}


class HttpError(Exception):
    def __init__(self, status: int, **headers: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status_code = status
        self.headers = headers


@pytest.fixture
def runtime(bridge: Bridge) -> Iterator[AgentRuntime]:
    bridge.answers["service.begin"] = lambda _given: verdict()
    bridge.answers["service.end"] = lambda _given: {"instead": None}
    with AgentRuntime(budget=1) as runtime:
        yield runtime


def test_the_services_own_answer(bridge: Bridge, runtime: AgentRuntime) -> None:
    @runtime.service(
        "linkedin", fallback=[cached(max_age=60), placeholder({})], breaker=CircuitBreaker(3, 30.0, window=(0.5, 20, 60.0)), price=0.1
    )
    def profile(person: str, *, full: bool = False) -> dict[str, str]:
        """Looks up."""
        return {"name": person}

    assert profile("ada") == {"name": "ada"}
    answer: ServiceAnswer = profile.answer("ada", full=True)
    assert (answer.value, answer.tier, answer.is_fallback) == ({"name": "ada"}, "primary", False)
    assert profile.__doc__ == "Looks up." and profile.__name__ == "profile"
    (declared,) = bridge.inputs("service.declare")
    assert declared == {
        "service": "linkedin",
        "fallback": ["cached", "placeholder"],
        "cache": {"freshMs": 0, "staleMs": 60_000},
        "placeholder": {},
        "breaker": {"failures": 3, "cooldownMs": 30_000, "window": {"share": 0.5, "minimum": 20, "overMs": 60_000}},
        "price": "0.1",
    }
    keys = [begun["key"] for begun in bridge.inputs("service.begin")]
    assert keys[0] != keys[1] and keys[1]["options"] == {"full": True}
    ends = bridge.wait("service.end", 2)
    assert all(end["outcome"] == "ok" and end["value"] == {"name": "ada"} for end in ends)


def test_an_open_breaker_gives_what_the_room_has(bridge: Bridge, runtime: AgentRuntime) -> None:
    bridge.answers["service.begin"] = lambda _given: verdict("use", "cached", {"name": "kept"}, 9000, "linkedin is open.")

    @runtime.service("linkedin", fallback=[cached()])
    def profile(person: str) -> dict[str, str]:
        raise AssertionError

    answer = profile.answer("ada")
    assert (answer.value, answer.tier, answer.age, answer.reason) == ({"name": "kept"}, "cached", 1.5, "linkedin is open.")


def test_an_open_breaker_with_nothing_behind_it(bridge: Bridge, runtime: AgentRuntime) -> None:
    bridge.answers["service.begin"] = lambda _given: verdict("refused", after=9000, reason="linkedin is left alone.")
    called = []
    profile = runtime.service("linkedin")(lambda person: called.append(person))
    with pytest.raises(CircuitOpen, match="linkedin is left alone.") as caught:
        profile("ada")
    assert (caught.value.service, caught.value.retry_after, called) == ("linkedin", 9.0, [])
    bridge.answers["service.begin"] = lambda _given: verdict("refused", reason="The host is not on the list.")
    with pytest.raises(NotAllowed, match="not on the list"):
        profile("ada")


def test_a_function_of_ones_own_and_what_stands_behind_it(bridge: Bridge, runtime: AgentRuntime) -> None:
    def other(person: str) -> str:
        if person == "nobody":
            raise KeyError(person)
        return f"{person} elsewhere"

    @runtime.service("linkedin", fallback=[cached(), other, placeholder("nothing")])
    def profile(person: str) -> str:
        raise ConnectionError("no way")

    first, second = profile.answer("ada"), profile.answer("nobody")
    assert (first.value, first.tier) == ("ada elsewhere", "custom")
    assert (second.value, second.tier) == ("nothing", "placeholder")
    assert bridge.inputs("service.declare")[0]["fallback"] == ["cached"]
    assert [one["tier"] for one in bridge.wait("service.served", 2)] == ["custom", "custom"]


@pytest.mark.parametrize(
    ("problem", "outcome", "after"),
    [
        (ConnectionError("x"), "failed", None),
        (TimeoutError("x"), "failed", None),
        (HttpError(503), "failed", None),
        (HttpError(429, **{"retry-after": "30"}), "failed", 30_000),
        (HttpError(408), "failed", None),
        (HttpError(404), "callers-fault", None),
        (TypeError("ours"), "callers-fault", None),
        (iron_cage.PIIBlocked(["ssn"]), "callers-fault", None),
        (KeyboardInterrupt(), "cancelled", None),
    ],
)
def test_how_a_call_ended(bridge: Bridge, runtime: AgentRuntime, problem: BaseException, outcome: str, after: int | None) -> None:
    @runtime.service("linkedin")
    def profile() -> None:
        raise problem

    with pytest.raises(type(problem)) as caught:
        profile()
    assert caught.value is problem
    (end,) = bridge.wait("service.end")
    assert (end["outcome"], end.get("retryAfterMs")) == (outcome, after)


def test_what_counts_as_a_failure_may_be_said(bridge: Bridge, runtime: AgentRuntime) -> None:
    @runtime.service("linkedin", is_failure=lambda problem: isinstance(problem, KeyError))
    def profile(problem: Exception) -> None:
        raise problem

    for problem in (KeyError("x"), ConnectionError("y")):
        with pytest.raises(type(problem)):
            profile(problem)
    assert [end["outcome"] for end in bridge.wait("service.end", 2)] == ["failed", "callers-fault"]


def test_coroutine_functions(bridge: Bridge, runtime: AgentRuntime) -> None:
    async def other() -> str:
        await asyncio.sleep(0)
        return "elsewhere"

    @runtime.service("linkedin", fallback=[other])
    async def profile() -> str:
        await asyncio.sleep(0)
        raise TimeoutError

    @runtime.service("clearbit")
    async def company() -> str:
        return "acme"

    async def both() -> tuple[str, str, str]:
        return await profile(), (await profile.answer()).tier, await company()

    assert asyncio.run(both()) == ("elsewhere", "custom", "acme")


def test_a_cancelled_call_is_no_failure(bridge: Bridge, runtime: AgentRuntime) -> None:
    @runtime.service("linkedin", fallback=[placeholder(1)])
    async def profile() -> int:
        await asyncio.sleep(60)
        return 0

    async def cancel() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(profile(), 0.02)

    asyncio.run(cancel())
    assert bridge.wait("service.end")[0]["outcome"] == "cancelled"


def test_as_a_context_manager(bridge: Bridge, runtime: AgentRuntime) -> None:
    with runtime.service("clearbit", key="acme.com") as call:
        assert call.may_ask
        call.value = {"employees": 7}
    assert (call.value, call.tier) == ({"employees": 7}, "primary")
    assert bridge.wait("service.end")[0]["value"] == {"employees": 7}

    bridge.answers["service.end"] = lambda _given: {"instead": {"tier": "placeholder", "value": {}, "ageMs": None}}
    with runtime.service("clearbit", fallback=[placeholder({})]) as call:
        raise ConnectionError
    assert (call.value, call.tier) == ({}, "placeholder")

    bridge.answers["service.begin"] = lambda _given: verdict("use", "placeholder", {}, 100)
    with runtime.service("clearbit", fallback=[placeholder({})]) as call:
        assert not call.may_ask
        with pytest.raises(RuntimeError, match="may_ask"):
            call.value = {"employees": 7}
    assert call.tier == "placeholder"

    bridge.answers["service.begin"] = lambda _given: verdict("refused", after=100)
    with pytest.raises(CircuitOpen), runtime.service("clearbit") as call:
        raise AssertionError


def test_one_service_is_entered_by_many_at_once_and_each_ends_its_own_call(bridge: Bridge, runtime: AgentRuntime) -> None:
    count = iter(range(1, 100))
    bridge.answers["service.begin"] = lambda _given: {**verdict(), "callId": f"svc-{next(count):016d}"}
    weather = runtime.service("weather")

    async def ask(name: str, entered: asyncio.Event, before: asyncio.Event) -> str:
        async with weather as call:
            entered.set()
            await before.wait()
            call.value = name
        entered.clear()
        return str(call._id)

    async def at_once() -> list[str]:
        first, second, end = asyncio.Event(), asyncio.Event(), asyncio.Event()
        one = asyncio.create_task(ask("one", first, second))
        await first.wait()
        two = asyncio.create_task(ask("two", second, end))
        # The one that came first ends first.
        ids = [await one]
        end.set()
        return [*ids, await two]

    async def nested() -> None:
        with weather as outer:
            with weather as inner:
                inner.value = "inner"
            outer.value = "outer"

    ids = asyncio.run(at_once())
    asyncio.run(nested())
    ends = bridge.wait("service.end", 4)
    assert [(end["callId"], end["outcome"]) for end in ends[:2]] == [(ids[0], "ok"), (ids[1], "ok")]
    assert ends[2]["callId"] > ends[3]["callId"]
    assert weather._calls == []


def test_a_fallback_that_is_awaited_as_an_asynchronous_context_manager(bridge: Bridge, runtime: AgentRuntime) -> None:
    async def custom() -> str:
        await asyncio.sleep(0)
        return "custom"

    async def ask() -> list[object]:
        async with runtime.service("clearbit", fallback=[custom]) as failed:
            raise ConnectionError
        bridge.answers["service.begin"] = lambda _given: verdict("refused", after=100)
        async with runtime.service("clearbit", fallback=[custom]) as refused:
            assert not refused.may_ask
        return [failed.value, failed.tier, refused.value, refused.tier]

    assert asyncio.run(ask()) == ["custom", "custom"] * 2


def test_what_cannot_be_told_apart_or_kept_is_not_kept(bridge: Bridge, runtime: AgentRuntime) -> None:
    profile = runtime.service("linkedin", fallback=[cached()])(lambda thing: {"thing": str(type(thing))})
    profile(object())
    profile.answer("x" * 100_000)
    whole = runtime.service("linkedin", fallback=[cached()])(lambda: object())
    whole()
    # JSON would make a plain list of one, and texts of the other's keys: whoever takes them apart finds something else.
    for value in (namedtuple("Profile", "name")("ada"), {"by year": {2025: 1}}):
        runtime.service("linkedin", fallback=[cached()])(lambda value=value: value)()
    assert all("value" not in end for end in bridge.wait("service.end", 5))

    runtime.service("linkedin", fallback=[cached()])(lambda: {"years": (2025, None), "open": True})()
    assert bridge.wait("service.end", 6)[-1]["value"] == {"years": [2025, None], "open": True}


def test_no_breaker_where_the_block_says_so(bridge: Bridge, runtime: AgentRuntime) -> None:
    with AgentRuntime(budget=1, circuit_breaker=False) as inner:
        inner.service("linkedin")(lambda: 1)()
    with AgentRuntime(budget=1, circuit_breaker=CircuitBreaker(failures=2)) as inner:
        inner.service("clearbit")(lambda: 1)()
    first, second = bridge.inputs("service.declare")
    assert first["breaker"] == {"failures": 1000, "cooldownMs": 1} and second["breaker"] == {"failures": 2}


def test_of_a_module_it_works_in_every_block_and_outside(bridge: Bridge) -> None:
    bridge.answers["service.begin"] = lambda _given: verdict()

    @iron_cage.service("linkedin", fallback=[placeholder("nothing")])
    def profile(fails: bool) -> str:
        if fails:
            raise ConnectionError
        return "something"

    assert profile(False) == "something" and profile.answer(True).tier == "placeholder"
    assert bridge.heard == []
    with AgentRuntime(budget=1):
        assert profile(False) == "something"
    assert "service.begin" in bridge.commands()


def test_a_room_that_is_gone_is_no_reason_for_a_service_to_be(bridge: Bridge, runtime: AgentRuntime) -> None:
    @runtime.service("linkedin", fallback=[placeholder("nothing")])
    def profile(fails: bool) -> str:
        if fails:
            raise ConnectionError
        return "something"

    bridge.answers["service.end"] = lambda _given: bridge.close()
    assert profile.answer(True).tier == "placeholder"
    assert profile.answer(False).tier == "primary"
    assert profile.answer(True).tier == "placeholder"


def test_a_cache_behind_a_function_is_refused() -> None:
    with pytest.raises(ValueError, match="before all functions"):
        iron_cage.service("linkedin", fallback=[len, cached()])


def test_objects_that_are_called_may_be_services(bridge: Bridge, runtime: AgentRuntime) -> None:
    assert runtime.service("linkedin")(partial(str, 7))() == "7"
    assert bridge.inputs("service.begin")[0]["key"] == {"function": "partial", "args": [], "options": {}}


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        (lambda: CircuitBreaker(failures=0), "failures was 0; expected a whole number from 1 to 1000."),
        (lambda: CircuitBreaker(failures="5"), "failures was '5'; expected a whole number from 1 to 1000."),  # type: ignore[arg-type]
        (lambda: CircuitBreaker(failures=True), "failures was True; expected a whole number from 1 to 1000."),
        (lambda: CircuitBreaker(cooldown=-1), "cooldown was -1; expected seconds above zero, 86400 at most."),
        (lambda: CircuitBreaker(cooldown=float("nan")), "cooldown was nan; expected seconds above zero, 86400 at most."),
        (lambda: CircuitBreaker(probe=0), "probe was 0; expected seconds above zero, 3600 at most."),
        (lambda: CircuitBreaker(window=(2, 20, 60)), "window's share was 2; expected a number above 0 and at most 1."),
        (
            lambda: CircuitBreaker(window="often"),  # type: ignore[arg-type]
            "window was 'often'; expected a share, the fewest calls, and seconds, such as (0.5, 20, 60.0).",
        ),
        (lambda: cached(max_age=-1), "max_age was -1; expected seconds from 0 on."),
        (
            lambda: iron_cage.service("linkedin", fallback=["cached"]),  # type: ignore[list-item]
            "fallback was ['cached']; expected a list of cached(), placeholder(...) and functions.",
        ),
        (
            lambda: iron_cage.service("linkedin", fallback=cached()),  # type: ignore[arg-type]
            "fallback was cached(max_age=None, fresh=0.0); expected a list of cached(), placeholder(...) and functions.",
        ),
        (
            lambda: iron_cage.service("linkedin", price="free"),  # type: ignore[arg-type]
            "price was 'free'; expected dollars for a call, such as 0.10.",
        ),
    ],
)
def test_what_is_mistyped_is_said_where_it_is_typed(mistake: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError) as raised:
        mistake()
    assert str(raised.value) == sentence
