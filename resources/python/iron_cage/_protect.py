"""`@protect_agent`: each call of a function is a protected block."""

from __future__ import annotations

from functools import update_wrapper
from typing import overload

from iron_cage._runtime import DEFAULT_BUDGET, AgentRuntime, current_runtime, to_nanodollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Callable, Generator
    from typing import Any, Literal, ParamSpec, Protocol, TypeVar

    from iron_cage._runtime import Budget, Environment, Provider, WhenMissing
    from iron_cage._tiers import CircuitBreaker

    P = ParamSpec("P")
    R = TypeVar("R")
    T = TypeVar("T")

    class Protector(Protocol):
        def __call__(self, function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def protect_agent(function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def protect_agent(
    *,
    budget: Budget = ...,
    name: str | None = ...,
    pii_detection: bool | Literal["redact", "block", "warn"] = ...,
    circuit_breaker: bool | CircuitBreaker = ...,
    config: str | os.PathLike[str] | None = ...,
    environment: Environment | None = ...,
    provider: Provider | None = ...,
    when_missing: WhenMissing = ...,
) -> Protector: ...


def protect_agent(function: Any = None, /, *, budget: Any = DEFAULT_BUDGET, name: str | None = None, **options: Any) -> Any:
    """Protects each call of a function, coroutine function, generator or asynchronous generator, also of a method.

        @protect_agent(budget=5.0)
        def qualify(lead: str) -> str: ...

        @protect_agent
        async def research(topic: str) -> list[str]: ...

    Bare, the budget is 100 dollars and private data is looked for. Options are those of AgentRuntime, which each call has one of:
    `iron_cage.current_runtime()` gives it within. Calls to models that the budget does not cover raise BudgetExceeded.
    """
    if function is not None:
        return _protected(function, {"budget": budget, "name": name, **options})
    # What is wrong is told where it stands, not at the first call.
    to_nanodollars(budget)
    AgentRuntime(budget, name=name, **options)
    return lambda given: _protected(given, {"budget": budget, "name": name, **options})


def _protected(function: Any, options: dict[str, Any]) -> Any:
    if isinstance(function, staticmethod | classmethod):
        return type(function)(_protected(function.__func__, options))
    if isinstance(function, type) or not callable(function):
        raise TypeError(f"@protect_agent protects functions and methods; it was given {function!r}. Decorate its methods instead.")
    if not options["name"]:
        options = {**options, "name": getattr(function, "__name__", None) or type(function).__name__}
    wrapper = _wrapper_for(function, options)
    update_wrapper(wrapper, function)
    return wrapper


def _block(options: dict[str, Any]) -> AgentRuntime:
    block = AgentRuntime(**options)
    # The next call comes soon: a process is attached once, not a hundred times.
    block._is_kept = True
    return block


def _wrapper_for(function: Any, options: dict[str, Any]) -> Callable[..., Any]:
    from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction

    looked_at = function if hasattr(function, "__code__") or hasattr(function, "func") else type(function).__call__
    if isasyncgenfunction(looked_at):

        async def generate_async(*args: Any, **given: Any) -> AsyncGenerator[Any, Any]:
            # It may be called wrongly, and then no block is to be open.
            steps = function(*args, **given)
            block = _block(options)
            await _open_async(block)
            step = steps.asend(None)
            problem: BaseException | None = None
            try:
                while True:
                    block._activate()
                    try:
                        value = await step
                    except StopAsyncIteration:
                        return
                    finally:
                        block._deactivate()
                    try:
                        sent = yield value
                    except GeneratorExit:
                        block._activate()
                        try:
                            await steps.aclose()
                        finally:
                            block._deactivate()
                        raise
                    except BaseException as thrown:
                        step = steps.athrow(thrown)
                    else:
                        step = steps.asend(sent)
            except BaseException as raised:
                problem = raised
                _close(block, problem)
                raise
            finally:
                if problem is None:
                    _close(block, None)

        return generate_async

    if isgeneratorfunction(looked_at):

        def generate(*args: Any, **given: Any) -> Generator[Any, Any, Any]:
            steps = function(*args, **given)
            block = _block(options)
            block._open(current_runtime())
            problem: BaseException | None = None
            advance, argument = steps.send, None
            try:
                while True:
                    # Between two steps the code of whoever asks runs, which is not protected by us.
                    block._activate()
                    try:
                        value = advance(argument)
                    except StopIteration as end:
                        return end.value
                    finally:
                        block._deactivate()
                    try:
                        argument = yield value
                        advance = steps.send
                    except GeneratorExit:
                        block._activate()
                        try:
                            steps.close()
                        finally:
                            block._deactivate()
                        raise
                    except BaseException as thrown:
                        advance, argument = steps.throw, thrown
            except BaseException as raised:
                problem = raised
                _close(block, problem)
                raise
            finally:
                if problem is None:
                    _close(block, None)

        return generate

    if iscoroutinefunction(looked_at):

        async def run_async(*args: Any, **given: Any) -> Any:
            async with _block(options):
                return await function(*args, **given)

        return run_async

    def run(*args: Any, **given: Any) -> Any:
        with _block(options):
            return function(*args, **given)

    return run


async def _open_async(block: AgentRuntime) -> None:
    await block.__aenter__()
    block._deactivate()


def _close(block: AgentRuntime, problem: BaseException | None) -> None:
    ours = block._close(None if isinstance(problem, GeneratorExit) else problem)
    if ours is not None:
        raise ours from problem
