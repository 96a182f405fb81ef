"""Services that fail: a breaker in front of each, and what is given in a service's place."""

from __future__ import annotations

from contextvars import ContextVar
from functools import update_wrapper

from iron_cage._runtime import AgentRuntime, current_runtime
from iron_cage._service_call import ServiceCall
from iron_cage._tiers import CircuitBreaker, ServiceAnswer, Tier, _expect, expect_attempts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar

    from iron_cage._link import Link
    from iron_cage._tiers import Json

    #: Tells questions apart: JSON, or a function of the arguments that gives it.
    Key: TypeAlias = Json | Callable[..., Json]

    P = ParamSpec("P")
    R = TypeVar("R", covariant=True)

    class Answering(Protocol[P, R]):
        """The function as it was, and `answer`, which says besides who gave the value."""

        #: A ServiceAnswer; of a coroutine function an awaitable one.
        answer: Callable[P, Any]

        def __call__(self, *args: P.args, **options: P.kwargs) -> R: ...


#: The calls that are under way here, innermost last.
_entered: ContextVar[tuple[ServiceCall, ...]] = ContextVar("iron_cage_service_calls", default=())


class Service:
    """Made by `runtime.service(...)` or `iron_cage.service(...)`. A decorator for functions and coroutine functions:

        @runtime.service("linkedin", fallback=[cached(), placeholder({})])
        def profile(person: str) -> dict: ...

        profile("ada")              # the value
        profile.answer("ada").tier  # and who gave it

    and a context manager, plain or asynchronous, whose call says in `may_ask` whether the service may be asked at all. A decorated
    function is called up to `attempts` times while it fails; a context manager cannot do that.
    """

    def __init__(
        self,
        runtime: AgentRuntime | None,
        name: str,
        *,
        endpoint: str,
        fallback: list[Tier | Callable[..., Any]] | tuple[Tier | Callable[..., Any], ...],
        breaker: CircuitBreaker | None,
        hosts: list[str] | tuple[str, ...],
        price: float | None,
        key: Key,
        is_failure: Callable[[BaseException], bool] | None,
        attempts: int,
        backoff: float,
    ) -> None:
        expect_attempts(attempts, backoff)
        self.name = name
        self.endpoint = endpoint
        self.attempts = attempts
        self.backoff = backoff
        self._runtime = runtime
        self._fallback = _tiers_of(fallback)
        self._key = key
        self._is_failure = is_failure
        self._calls: list[ServiceCall] = []
        functions = [at for at, tier in enumerate(self._fallback) if not isinstance(tier, Tier)]
        #: The room tries these by itself; a placeholder after a function of ours comes after it.
        self._rooms = self._fallback[: functions[0]] if functions else self._fallback
        self._ours = self._fallback[len(self._rooms) :]
        if any(isinstance(tier, Tier) and tier.name == "cached" for tier in self._ours):
            raise ValueError("cached() stands behind a function in the fallback; it has to stand before all functions.")
        self._declaration = self._declare(breaker, hosts, price)

    def _declare(self, breaker: CircuitBreaker | None, hosts: list[str] | tuple[str, ...], price: float | None) -> dict[str, Any]:
        said: dict[str, Any] = {"service": self.name}
        tiers = [tier for tier in self._rooms if isinstance(tier, Tier)]
        if self._fallback:
            said["fallback"] = [tier.name for tier in tiers]
        for tier in tiers:
            if tier.name == "placeholder":
                said["placeholder"] = tier.value
            else:
                rules = {"freshMs": round(tier.fresh * 1000)}
                if tier.max_age is not None:
                    rules["staleMs"] = round(tier.max_age * 1000)
                said["cache"] = rules
        policy = breaker.policy() if breaker is not None else {}
        if policy:
            said["breaker"] = policy
        if hosts:
            said["hosts"] = list(hosts)
        if price is not None:
            _expect("price", price, "dollars for a call, such as 0.10", 0, 1_000_000)
            said["price"] = f"{price:.9f}".rstrip("0").rstrip(".")
        return said

    def _block(self) -> AgentRuntime | None:
        own = self._runtime
        return own if own is not None and own._is_open else current_runtime()

    def _link_in(self, runtime: AgentRuntime | None) -> Link | None:
        link = None if runtime is None else runtime._link
        if link is not None and len(self._declaration) > 1 and link.declared.get(self.name) != self._declaration:
            link.wire.ask("service.declare", self._declaration, is_repeatable=True)
            link.declared[self.name] = self._declaration
        return link

    # As a context manager

    def __enter__(self) -> ServiceCall:
        call = self._asked()
        if not call.may_ask and not call.is_answered:
            call._try_ours(call._refusal())
        return self._entered(call)

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> bool:
        call = self._left()
        if not self._is_to_be_answered(call, problem):
            return call.may_ask and problem is not None
        assert problem is not None
        call._try_ours(problem)
        return call.is_answered

    async def __aenter__(self) -> ServiceCall:
        call = self._asked()
        if not call.may_ask and not call.is_answered:
            await call._try_ours_async(call._refusal())
        return self._entered(call)

    async def __aexit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> bool:
        call = self._left()
        if not self._is_to_be_answered(call, problem):
            return call.may_ask and problem is not None
        assert problem is not None
        await call._try_ours_async(problem)
        return call.is_answered

    def _asked(self) -> ServiceCall:
        if self.attempts > 1:
            raise ValueError(
                f"{self.name} has attempts={self.attempts}, but the body of a `with` runs only once; decorate a function instead."
            )
        call = ServiceCall(self, self._given_key(), ())
        call._begin()
        return call

    def _entered(self, call: ServiceCall) -> ServiceCall:
        call._mark()
        self._calls.append(call)
        _entered.set((*_entered.get(), call))
        return call

    def _left(self) -> ServiceCall:
        """The call that was entered here last: other threads and tasks may be within the same service."""
        entered = _entered.get()
        call = next((one for one in reversed(entered) if one in self._calls), self._calls[-1])
        self._calls.remove(call)
        _entered.set(tuple(one for one in entered if one is not call))
        call._unmark()
        return call

    def _is_to_be_answered(self, call: ServiceCall, problem: BaseException | None) -> bool:
        """Whether it has failed, and the room gives nothing in its place; raises what is to be raised."""
        if not call.may_ask:
            return False
        if problem is None:
            call._succeeded()
            return False
        return not call._failed(problem, call._judge(problem))

    def _given_key(self) -> Json:
        return None if callable(self._key) else self._key

    # As a decorator

    def __call__(self, function: Callable[P, R]) -> Answering[P, R]:
        from inspect import iscoroutinefunction

        service = self

        if iscoroutinefunction(function):

            async def answer_async(*args: Any, **options: Any) -> ServiceAnswer:
                call = ServiceCall(service, service._key_of(function, args, options), (args, options))
                call._begin()
                while call.may_ask:
                    call._mark()
                    try:
                        call.value = await function(*args, **options)
                    except BaseException as problem:
                        call._unmark()
                        verdict = call._judge(problem)
                        pause = call._pause(problem, verdict)
                        if pause is None:
                            call._failed(problem, verdict)
                        else:
                            await call._sleep_async(pause)
                            if call._begin_again():
                                continue
                        if not call.is_answered:
                            await call._try_ours_async(problem if call.may_ask else call._refusal())
                        return call.answer
                    call._unmark()
                    call._succeeded()
                    return call.answer
                if not call.is_answered:
                    await call._try_ours_async(call._refusal())
                return call.answer

            async def call_async(*args: Any, **options: Any) -> Any:
                return (await answer_async(*args, **options)).value

            awaitable: Answering[P, R] = _finished(call_async, answer_async, function)
            return awaitable

        def answer(*args: Any, **options: Any) -> ServiceAnswer:
            call = ServiceCall(service, service._key_of(function, args, options), (args, options))
            call._begin()
            while call.may_ask:
                call._mark()
                try:
                    call.value = function(*args, **options)
                except BaseException as problem:
                    call._unmark()
                    verdict = call._judge(problem)
                    pause = call._pause(problem, verdict)
                    if pause is None:
                        call._failed(problem, verdict)
                    else:
                        call._sleep(pause)
                        if call._begin_again():
                            continue
                    if not call.is_answered:
                        call._try_ours(problem if call.may_ask else call._refusal())
                    return call.answer
                call._unmark()
                call._succeeded()
                return call.answer
            if not call.is_answered:
                call._try_ours(call._refusal())
            return call.answer

        def call(*args: Any, **options: Any) -> Any:
            return answer(*args, **options).value

        plain: Answering[P, R] = _finished(call, answer, function)
        return plain

    def _key_of(self, function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Json:
        if callable(self._key):
            return self._key(*args, **options)
        if self._key is not None:
            return self._key
        name = getattr(function, "__qualname__", None) or type(function).__qualname__
        return {"function": name, "args": list(args), "options": options}


def _tiers_of(fallback: object) -> tuple[Tier | Callable[..., Any], ...]:
    """What is no tier would be found when the service fails, which is late."""
    tiers = tuple(fallback) if isinstance(fallback, list | tuple) else None
    if tiers is None or not all(isinstance(tier, Tier) or callable(tier) for tier in tiers):
        raise ValueError(f"fallback was {fallback!r}; expected a list of cached(), placeholder(...) and functions.")
    return tiers


def _finished(call: Callable[..., Any], answer: Callable[..., Any], function: Callable[..., Any]) -> Any:
    update_wrapper(call, function)
    update_wrapper(answer, function)
    call.answer = answer  # type: ignore[attr-defined]
    return call


def service(
    name: str,
    *,
    endpoint: str = "",
    fallback: list[Tier | Callable[..., Any]] | tuple[Tier | Callable[..., Any], ...] = (),
    breaker: CircuitBreaker | None = None,
    hosts: list[str] | tuple[str, ...] = (),
    price: float | None = None,
    key: Key = None,
    is_failure: Callable[[BaseException], bool] | None = None,
    attempts: int = 1,
    backoff: float = 0.5,
) -> Service:
    """The same for functions of a module, in whatever block they are called:

        @iron_cage.service("linkedin", fallback=[cached()])
        def profile(person: str) -> dict: ...

    Outside of all blocks the function is simply called, and only what stands in code is given in its place.
    """
    return Service(
        None,
        name,
        endpoint=endpoint,
        fallback=fallback,
        breaker=breaker,
        hosts=hosts,
        price=price,
        key=key,
        is_failure=is_failure,
        attempts=attempts,
        backoff=backoff,
    )
