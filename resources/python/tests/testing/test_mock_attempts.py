"""Services of a MockRuntime that are asked more than once for one answer: counted as the room counts them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from iron_cage import cached, service
from iron_cage.testing import MockRuntime


class People:
    """Answers, or fails as it is told to."""

    def __init__(self) -> None:
        self.is_down = False
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.is_down:
            raise ConnectionError("no route")
        return "Ada"


@pytest.fixture
def people() -> People:
    return People()


def counts(runtime: MockRuntime) -> dict[str, Any]:
    view = runtime.service_view("people")
    served = {tier: count for tier, count in view["served"].items() if count}
    return {**{name: view[name] for name in ("state", "calls", "failures", "blocked")}, "served": served}


def test_an_outage_whose_probes_fail(people: People) -> None:
    with MockRuntime() as runtime:
        runtime.progress(0, 100, unit="lead")
        profile = runtime.service("people", fallback=[cached()], price=0.10, attempts=5)(people)
        assert [profile.answer().tier for _ in range(33)] == ["primary"] * 33
        people.is_down = True
        assert profile.answer().tier == "cached"
        assert counts(runtime) == {"state": "open", "calls": 38, "failures": 5, "blocked": 0, "served": {"primary": 33, "cached": 1}}
        assert runtime.clock.elapsed == 0.5 + 1 + 2 + 4
        for lead in range(35, 101):
            before = people.calls
            if lead % 7 == 0:
                runtime.clock.advance(60)
            assert profile.answer().tier == "cached"
            assert people.calls - before == (1 if lead % 7 == 0 else 0)
        assert counts(runtime) == {"state": "open", "calls": 48, "failures": 15, "blocked": 66, "served": {"primary": 33, "cached": 67}}
        formatted = runtime.service_view("people")["formatted"]
        assert (formatted["blocked"], formatted["saved"]) == ("66 leads", "$6.60 saved")
        assert runtime.clock.elapsed == 607.5


def test_a_probe_that_answers_at_once_closes_it(people: People) -> None:
    with MockRuntime() as runtime:
        profile = runtime.service("people", attempts=5, fallback=[cached()])(people)
        runtime.open_breaker("people")
        runtime.clock.advance(60)
        assert profile.answer().tier == "primary"
        assert counts(runtime) == {"state": "closed", "calls": 6, "failures": 5, "blocked": 0, "served": {"primary": 1}}


def test_somebody_else_opens_it_in_between() -> None:
    with MockRuntime() as runtime:

        @service("people", fallback=[lambda: "elsewhere"], attempts=3)
        def profile() -> str:
            runtime.open_breaker("people")
            raise ConnectionError

        assert profile.answer().tier == "custom"
        assert counts(runtime) == {"state": "open", "calls": 6, "failures": 6, "blocked": 1, "served": {"custom": 1}}
        assert runtime.clock.elapsed == 0


def test_coroutine_functions_and_their_pauses(people: People) -> None:
    async def main() -> list[str]:
        async with MockRuntime() as runtime:

            @service("people", attempts=3, backoff=2)
            async def profile() -> str:
                people.is_down = people.calls < 2
                return people()

            tiers = [(await profile.answer()).tier for _ in range(2)]
            assert counts(runtime) == {"state": "closed", "calls": 4, "failures": 2, "blocked": 0, "served": {"primary": 2}}
            assert runtime.clock.elapsed == 6
            return tiers

    assert asyncio.run(main()) == ["primary", "primary"]
