from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator

import pytest
from bridge import Bridge

from iron_cage import AgentRuntime, BudgetExceeded, current_runtime, current_scope, protect_agent


def scopes(bridge: Bridge) -> tuple[int, int]:
    return bridge.commands().count("scope.open"), bridge.commands().count("scope.close")


@protect_agent(budget=50.0)
def plain(number: int, *, by: int = 2) -> int:
    """Multiplies."""
    assert current_scope() is not None
    return number * by


@protect_agent
def bare() -> float | None:
    runtime = current_runtime()
    assert runtime is not None
    return runtime.limit


@protect_agent(budget=1)
async def coroutine(number: int) -> int:
    scope = current_scope()
    await asyncio.sleep(0)
    assert scope is not None and current_scope() == scope
    return number


@protect_agent(budget=1)
def generator(count: int) -> Iterator[str | None]:
    for _ in range(count):
        yield current_scope()


@protect_agent(budget=1)
async def async_generator(count: int) -> AsyncIterator[str | None]:
    try:
        for _ in range(count):
            await asyncio.sleep(0)
            yield current_scope()
    finally:
        assert current_scope() is not None


def test_a_function(bridge: Bridge) -> None:
    assert plain(3, by=4) == 12
    assert (plain.__name__, plain.__doc__, str(inspect.signature(plain))) == (
        "plain",
        "Multiplies.",
        "(number: 'int', *, by: 'int' = 2) -> 'int'",
    )
    assert bridge.inputs("scope.open") == [{"name": "plain", "budget": "50"}]
    assert scopes(bridge) == (1, 1) and current_runtime() is None and current_scope() is None


def test_bare_has_a_hundred_dollars(bridge: Bridge) -> None:
    assert bare() == 100.0
    assert bridge.inputs("scope.open")[0]["budget"] == "100"


def test_a_coroutine_function(bridge: Bridge) -> None:
    async def both() -> list[int]:
        return await asyncio.gather(coroutine(1), coroutine(2))

    assert inspect.iscoroutinefunction(coroutine)
    assert asyncio.run(both()) == [1, 2]
    assert scopes(bridge) == (2, 2)


def test_a_generator_is_protected_within_and_not_around(bridge: Bridge) -> None:
    steps = generator(3)
    assert inspect.isgeneratorfunction(generator)
    seen = []
    for scope in steps:
        seen.append(scope)
        assert current_scope() is None
    assert len(seen) == 3 and len(set(seen)) == 1 and None not in seen
    assert scopes(bridge) == (1, 1)


def test_a_generator_that_is_left_gives_its_scope_back(bridge: Bridge) -> None:
    steps = generator(3)
    next(steps)
    assert scopes(bridge) == (1, 0)
    steps.close()  # type: ignore[attr-defined]
    assert scopes(bridge) == (1, 1)


def test_a_generator_takes_values_and_exceptions_and_returns(bridge: Bridge) -> None:
    @protect_agent(budget=1)
    def talk() -> object:
        heard = []
        while True:
            try:
                heard.append((yield len(heard)))
            except ValueError:
                return heard

    steps = talk()
    assert [next(steps), steps.send("a")] == [0, 1]  # type: ignore[call-overload, attr-defined]
    with pytest.raises(StopIteration) as end:
        steps.throw(ValueError)  # type: ignore[attr-defined]
    assert end.value.value == ["a"]
    assert scopes(bridge) == (1, 1)


def test_an_async_generator(bridge: Bridge) -> None:
    async def collect() -> list[str | None]:
        seen = []
        async for scope in async_generator(3):
            assert current_scope() is None
            seen.append(scope)
        steps = async_generator(3)
        await anext(steps)
        await steps.aclose()  # type: ignore[attr-defined]
        return seen

    assert inspect.isasyncgenfunction(async_generator)
    seen = asyncio.run(collect())
    assert len(seen) == 3 and len(set(seen)) == 1
    assert scopes(bridge) == (2, 2)


def test_a_generator_that_is_called_wrongly_leaves_no_block_open(bridge: Bridge) -> None:
    with pytest.raises(TypeError, match="count"):
        next(generator())  # type: ignore[call-arg]

    async def ask() -> None:
        with pytest.raises(TypeError, match="count"):
            await anext(async_generator())  # type: ignore[call-arg]

    asyncio.run(ask())
    opened, closed = scopes(bridge)
    assert opened == closed


def test_methods_of_every_kind(bridge: Bridge) -> None:
    class Worker:
        @protect_agent(budget=1)
        def method(self, number: int) -> tuple[object, int]:
            return self, number

        @protect_agent(budget=1)
        @classmethod
        def of_class(cls, number: int) -> tuple[object, int]:
            return cls, number

        @classmethod
        @protect_agent(budget=1)
        def of_class_within(cls, number: int) -> tuple[object, int]:
            return cls, number

        @protect_agent
        @staticmethod
        def static(number: int) -> int:
            return number

    worker = Worker()
    assert worker.method(1) == (worker, 1)
    assert Worker.of_class(2) == (Worker, 2) == Worker.of_class_within(2)
    assert Worker.static(3) == worker.static(3) == 3
    assert [given["name"] for given in bridge.inputs("scope.open")] == ["method", "of_class", "of_class_within", "static", "static"]


def test_what_is_wrong_with_a_budget_is_told_where_it_stands() -> None:
    for wrong in (0, -1, "much", float("nan"), float("inf"), "1.2.3", True):
        with pytest.raises(ValueError, match="expected an amount of dollars"):
            protect_agent(budget=wrong)
    with pytest.raises(TypeError, match="functions and methods"):
        protect_agent(type("Thing", (), {}))


def test_the_clients_exception_is_translated_at_the_edge(bridge: Bridge) -> None:
    class APIStatusError(Exception):
        """As the SDKs of OpenAI and Anthropic have them."""

        def __init__(self) -> None:
            super().__init__("Error code: 402")
            ours = {"code": "BUDGET_EXCEEDED", "limit": 50_000_000_000, "spent": 49_870_000_000, "requested": 300_000_000}
            self.body = {"message": "The budget of $50.00 does not cover it.", "iron_cage": ours}

    @protect_agent(budget=50.0)
    def fail() -> None:
        raise APIStatusError

    with pytest.raises(BudgetExceeded) as caught:
        fail()
    problem = caught.value
    assert (problem.limit, problem.spent, problem.requested) == (50.0, 49.87, 0.3)
    assert str(problem) == "The budget of $50.00 does not cover it."
    assert isinstance(problem.__cause__, APIStatusError)
    assert scopes(bridge) == (1, 1)
    (told,) = bridge.wait("agent.raise")
    assert told["place"] == "fail" and told["type"].endswith("APIStatusError") and "raise APIStatusError" in told["traceback"]


def test_every_other_exception_passes_as_it_is(bridge: Bridge) -> None:
    @protect_agent(budget=1)
    def fail(kind: type[BaseException]) -> None:
        raise kind("on its way")

    for kind in (KeyError, KeyboardInterrupt, SystemExit):
        with pytest.raises(kind) as caught:
            fail(kind)
        assert caught.value.__cause__ is None
    assert scopes(bridge) == (3, 3)


def test_nested_blocks_name_the_scope_that_they_stand_in(bridge: Bridge) -> None:
    @protect_agent(budget=1)
    def inner() -> str | None:
        return current_scope()

    with AgentRuntime(budget=2, name="outer") as outer:
        scope = current_scope()
        assert inner() != scope
        assert current_scope() == scope and current_runtime() is outer
    assert bridge.inputs("scope.open")[1] == {"name": "inner", "budget": "1", "within": scope}
