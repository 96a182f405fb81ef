"""Services that fail: a breaker in front of each, and what is given in a service's place."""

from __future__ import annotations

import json
import time
from functools import update_wrapper

from iron_cage import _context
from iron_cage._outcome import judge
from iron_cage._runtime import AgentRuntime, current_runtime
from iron_cage.errors import CircuitOpen, IronCageError, NotAllowed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Literal, ParamSpec, Protocol, TypeAlias, TypeVar

    from iron_cage._link import Link

    Json: TypeAlias = Any
    #: Tells questions apart: JSON, or a function of the arguments that gives it.
    Key: TypeAlias = Json | Callable[..., Json]
    TierName: TypeAlias = Literal["primary", "cached", "placeholder", "custom", "failed"]

    P = ParamSpec("P")
    R = TypeVar("R", covariant=True)

    class Answering(Protocol[P, R]):
        """The function as it was, and `answer`, which says besides who gave the value."""

        #: A ServiceAnswer; of a coroutine function an awaitable one.
        answer: Callable[P, Any]

        def __call__(self, *args: P.args, **options: P.kwargs) -> R: ...


_LARGEST_KEPT = 256 * 1024
_LARGEST_KEY = 64 * 1024


class CircuitBreaker:
    """When a service is left alone: after `failures` in a row, for `cooldown` seconds; then one call tries it again.

    AgentRuntime(circuit_breaker=CircuitBreaker(failures=3, cooldown=30.0))

    `window` opens it too where that share of at least `minimum` calls within `seconds` has failed: `(0.5, 20, 60.0)`.
    """

    __slots__ = ("cooldown", "failures", "probe", "window")

    def __init__(
        self,
        failures: int | None = None,
        cooldown: float | None = None,
        *,
        probe: float | None = None,
        window: tuple[float, int, float] | None = None,
    ) -> None:
        self.failures = failures
        self.cooldown = cooldown
        self.probe = probe
        self.window = window

    def __repr__(self) -> str:
        return f"CircuitBreaker(failures={self.failures}, cooldown={self.cooldown}, probe={self.probe}, window={self.window})"

    def policy(self) -> dict[str, Any]:
        given: dict[str, Any] = {
            "failures": self.failures,
            "cooldownMs": None if self.cooldown is None else round(self.cooldown * 1000),
            "probeMs": None if self.probe is None else round(self.probe * 1000),
        }
        policy = {name: value for name, value in given.items() if value is not None}
        if self.window is not None:
            share, minimum, seconds = self.window
            policy["window"] = {"share": share, "minimum": minimum, "overMs": round(seconds * 1000)}
        return policy


# Calls are counted, and none is kept away.
_NEVER = CircuitBreaker(failures=1000, cooldown=0.001)


def policy_for(breaker: bool | CircuitBreaker) -> CircuitBreaker | None:
    return breaker if isinstance(breaker, CircuitBreaker) else None if breaker else _NEVER


class Tier:
    """What is given in a service's place; made by `cached` and `placeholder`."""

    __slots__ = ("fresh", "max_age", "name", "value")

    def __init__(
        self, name: Literal["cached", "placeholder"], value: Json = None, max_age: float | None = None, fresh: float = 0.0
    ) -> None:
        self.name = name
        self.value = value
        self.max_age = max_age
        self.fresh = fresh

    def __repr__(self) -> str:
        return f"placeholder({self.value!r})" if self.name == "placeholder" else f"cached(max_age={self.max_age}, fresh={self.fresh})"


def cached(max_age: float | None = None, *, fresh: float = 0.0) -> Tier:
    """What the service answered to the same question before, at most `max_age` seconds ago; below `fresh` it is not even asked."""
    return Tier("cached", max_age=max_age, fresh=fresh)


def placeholder(value: Json) -> Tier:
    """Always this value."""
    return Tier("placeholder", value)


class ServiceAnswer:
    """A value, and who gave it: `primary`, `cached`, `placeholder`, `custom`."""

    __slots__ = ("age", "reason", "tier", "value")

    def __init__(self, value: Any, tier: TierName, age: float | None = None, reason: str | None = None) -> None:
        self.value = value
        self.tier = tier
        #: In seconds, where it was kept.
        self.age = age
        #: Why it is not the service's own.
        self.reason = reason

    @property
    def is_fallback(self) -> bool:
        return self.tier != "primary"

    def __repr__(self) -> str:
        return f"ServiceAnswer({self.value!r}, tier={self.tier!r})"


class Service:
    """Made by `runtime.service(...)` or `iron_cage.service(...)`. A decorator for functions and coroutine functions:

        @runtime.service("linkedin", fallback=[cached(), placeholder({})])
        def profile(person: str) -> dict: ...

        profile("ada")              # the value
        profile.answer("ada").tier  # and who gave it

    and a context manager, plain or asynchronous, whose call says in `may_ask` whether the service may be asked at all.
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
    ) -> None:
        self.name = name
        self.endpoint = endpoint
        self._runtime = runtime
        self._fallback = tuple(fallback)
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
            said["price"] = f"{price:.9f}".rstrip("0").rstrip(".")
        return said

    def _link(self) -> Link | None:
        own = self._runtime
        runtime = own if own is not None and own._is_open else current_runtime()
        link = None if runtime is None else runtime._link
        if link is not None and len(self._declaration) > 1 and link.declared.get(self.name) != self._declaration:
            link.wire.ask("service.declare", self._declaration, is_repeatable=True)
            link.declared[self.name] = self._declaration
        return link

    # As a context manager

    def __enter__(self) -> ServiceCall:
        call = ServiceCall(self, self._given_key(), ())
        call._begin()
        if not call.may_ask and not call.is_answered:
            call._try_ours(call._refusal())
        call._mark()
        self._calls.append(call)
        return call

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> bool:
        call = self._calls.pop()
        call._unmark()
        if not call.may_ask:
            return False
        if problem is None:
            call._succeeded()
            return False
        if call._failed(problem):
            return True
        call._try_ours(problem)
        return call.is_answered

    async def __aenter__(self) -> ServiceCall:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> bool:
        return self.__exit__(kind, problem, trace)

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
                if call.may_ask:
                    call._mark()
                    try:
                        call.value = await function(*args, **options)
                    except BaseException as problem:
                        call._unmark()
                        if not call._failed(problem):
                            await call._try_ours_async(problem)
                        return call.answer
                    call._unmark()
                    call._succeeded()
                elif not call.is_answered:
                    await call._try_ours_async(call._refusal())
                return call.answer

            async def call_async(*args: Any, **options: Any) -> Any:
                return (await answer_async(*args, **options)).value

            awaitable: Answering[P, R] = _finished(call_async, answer_async, function)
            return awaitable

        def answer(*args: Any, **options: Any) -> ServiceAnswer:
            call = ServiceCall(service, service._key_of(function, args, options), (args, options))
            call._begin()
            if call.may_ask:
                call._mark()
                try:
                    call.value = function(*args, **options)
                except BaseException as problem:
                    call._unmark()
                    if not call._failed(problem):
                        call._try_ours(problem)
                    return call.answer
                call._unmark()
                call._succeeded()
            elif not call.is_answered:
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
        return {"function": function.__qualname__, "args": list(args), "options": options}


def _finished(call: Callable[..., Any], answer: Callable[..., Any], function: Callable[..., Any]) -> Any:
    update_wrapper(call, function)
    update_wrapper(answer, function)
    call.answer = answer  # type: ignore[attr-defined]
    return call


class ServiceCall:
    """One call of a service. `may_ask` says whether to ask it; `value` is the answer, `tier` who gave it."""

    def __init__(self, service: Service, key: Json, arguments: tuple[tuple[Any, ...], dict[str, Any]] | tuple[()]) -> None:
        self._service = service
        self._arguments = arguments or ((), {})
        self._key = _plain(key, _LARGEST_KEY)
        self._link: Link | None = None
        self._id = ""
        self._began = 0.0
        self._value: Any = None
        self._retry_after: float | None = None
        self._token: Any = None
        #: Whether the service is to be asked; where not, `value` is there already.
        self.may_ask = True
        #: Whether there is a value.
        self.is_answered = False
        self.tier: TierName = "primary"
        #: How many seconds ago the service said it, where it was kept.
        self.age: float | None = None
        #: Why it was not asked, or what went wrong.
        self.reason: str | None = None

    @property
    def value(self) -> Any:
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        if not self.may_ask:
            raise RuntimeError(f"{self._service.name} was not to be asked: look at may_ask first, and take the value that is there.")
        self._value = value
        self.is_answered = True

    @property
    def answer(self) -> ServiceAnswer:
        return ServiceAnswer(self._value, self.tier, self.age, self.reason)

    def _mark(self) -> None:
        self._token = _context.service.set(self._service.name)

    def _unmark(self) -> None:
        token, self._token = self._token, None
        if token is not None:
            try:
                _context.service.reset(token)
            except ValueError:
                pass

    def _begin(self) -> None:
        self._began = time.monotonic()
        self._link = self._service._link()
        if self._link is None:
            return
        key = None if self._key is _UNKNOWN else self._key
        verdict = self._link.wire.ask("service.begin", {"service": self._service.name, "endpoint": self._service.endpoint, "key": key})
        self._id = verdict["callId"]
        self.may_ask = verdict["do"] == "call"
        self.reason = verdict["reason"]
        after = verdict["retryAfterMs"]
        self._retry_after = None if after is None else after / 1000
        self._take(verdict["instead"])

    def _take(self, instead: dict[str, Any] | None) -> bool:
        if not instead:
            return False
        self._value, self.tier, age = instead["value"], instead["tier"], instead["ageMs"]
        self.age = None if age is None else age / 1000
        self.is_answered = True
        return True

    def _refusal(self) -> IronCageError:
        reason = self.reason or ""
        if self._retry_after is None:
            return NotAllowed(reason or f"{self._service.name} may not be called.", details={"service": self._service.name})
        return CircuitOpen(self._service.name, self._retry_after, message=reason)

    def _succeeded(self) -> None:
        if self._link is None:
            return
        told = self._end("ok")
        if self._key is not _UNKNOWN and self.is_answered:
            value = _plain(self._value, _LARGEST_KEPT)
            if value is not _UNKNOWN:
                told["value"] = value
        self._link.wire.tell("service.end", told)

    def _end(self, outcome: str) -> dict[str, Any]:
        return {"callId": self._id, "outcome": outcome, "latencyMs": max(0, round((time.monotonic() - self._began) * 1000))}

    def _failed(self, problem: BaseException) -> bool:
        """Whether something is given in its place; raises the problem where nothing is to be."""
        verdict = judge(problem, self._service._is_failure)
        if self._link is not None:
            told = {**self._end(verdict.outcome), "detail": verdict.detail[:500], "retryAfterMs": verdict.retry_after_ms}
            if verdict.outcome != "failed":
                self._link.wire.tell("service.end", told)
            else:
                self.reason = f"{self._service.name} failed: {verdict.detail}."
                if self._take(self._link.wire.ask("service.end", told)["instead"]):
                    return True
        if verdict.outcome != "failed":
            raise problem
        if self._link is None:
            return self._take_unprotected(self._service._rooms)
        return False

    def _take_unprotected(self, tiers: tuple[Any, ...]) -> bool:
        for tier in tiers:
            if isinstance(tier, Tier) and tier.name == "placeholder":
                return self._take({"value": tier.value, "tier": "placeholder", "ageMs": None})
        return False

    # What stands behind the room's own tiers

    def _try_ours(self, problem: BaseException) -> None:
        args, options = self._arguments
        for tier in self._service._ours:
            try:
                value = tier.value if isinstance(tier, Tier) else tier(*args, **options)
            except Exception:
                continue
            return self._serve(tier, value)
        return self._give_up(problem)

    async def _try_ours_async(self, problem: BaseException) -> None:
        args, options = self._arguments
        for tier in self._service._ours:
            try:
                value = tier.value if isinstance(tier, Tier) else tier(*args, **options)
                if hasattr(value, "__await__"):
                    value = await value
            except Exception:
                continue
            return self._serve(tier, value)
        return self._give_up(problem)

    def _serve(self, tier: Any, value: Any) -> None:
        self._take({"value": value, "tier": tier.name if isinstance(tier, Tier) else "custom", "ageMs": None})
        self._served("custom")

    def _give_up(self, problem: BaseException) -> None:
        self.tier = "failed"
        self._served("failed")
        raise problem

    def _served(self, tier: str) -> None:
        if self._link is not None:
            self._link.wire.tell("service.served", {"callId": self._id, "tier": tier})


_UNKNOWN: Any = object()


def _plain(value: Any, largest: int) -> Any:
    """JSON that comes back as it went; what is none, or too large, is not kept."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return _UNKNOWN
    return value if len(text) <= largest else _UNKNOWN


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
) -> Service:
    """The same for functions of a module, in whatever block they are called:

        @iron_cage.service("linkedin", fallback=[cached()])
        def profile(person: str) -> dict: ...

    Outside of all blocks the function is simply called, and only what stands in code is given in its place.
    """
    return Service(
        None, name, endpoint=endpoint, fallback=fallback, breaker=breaker, hosts=hosts, price=price, key=key, is_failure=is_failure
    )
