"""One call of a service: asked for, carried out or answered otherwise, and told."""

from __future__ import annotations

import json
import time

from iron_cage import _context
from iron_cage._exact import is_exact
from iron_cage._outcome import judge
from iron_cage._tiers import LONGEST_PAUSE, ServiceAnswer, Tier
from iron_cage.errors import CircuitOpen, IronCageError, NotAllowed, RuntimeUnavailable, from_exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iron_cage._link import Link
    from iron_cage._outcome import Outcome
    from iron_cage._services import Service
    from iron_cage._tiers import Json, TierName

_LARGEST_KEPT = 256 * 1024
_LARGEST_KEY = 64 * 1024
#: What is no JSON, or too much of it.
_UNKNOWN: Any = object()


def _plain(value: Any, largest: int) -> Any:
    """JSON; what is none, or too large, is not kept."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return _UNKNOWN
    return value if len(text) <= largest and is_exact(text) else _UNKNOWN


def _comes_back(value: Any) -> bool:
    """Whether whoever takes JSON apart finds what was put into it: of named tuples only lists are left, of keys only texts."""
    if isinstance(value, dict):
        return all(isinstance(name, str) and _comes_back(item) for name, item in value.items())
    if isinstance(value, list | tuple):
        return type(value) in (list, tuple) and all(map(_comes_back, value))
    return True


def _question(key: Any) -> Any:
    """As its own text where a number of it would be another one in the room: two questions are not to have one answer."""
    plain = _plain(key, _LARGEST_KEY)
    try:
        return plain if plain is not _UNKNOWN else _plain(json.dumps(key, allow_nan=False, sort_keys=True), _LARGEST_KEY)
    except (TypeError, ValueError, RecursionError):
        return _UNKNOWN


class ServiceCall:
    """One call of a service. `may_ask` says whether to ask it; `value` is the answer, `tier` who gave it."""

    def __init__(self, service: Service, key: Json, arguments: tuple[tuple[Any, ...], dict[str, Any]] | tuple[()]) -> None:
        self._service = service
        self._arguments = arguments or ((), {})
        self._key = _question(key)
        self._block = service._block()
        self._link: Link | None = None
        self._attempt = 0
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
        self._attempt += 1
        self._began = time.monotonic()
        key = None if self._key is _UNKNOWN else self._key
        try:
            self._link = self._service._link_in(self._block)
            if self._link is None:
                return
            verdict = self._link.wire.ask("service.begin", {"service": self._service.name, "endpoint": self._service.endpoint, "key": key})
        except RuntimeUnavailable:
            # A room that is gone is no reason for a service to be.
            self._link = None
            return
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
            if value is not _UNKNOWN and _comes_back(value):
                told["value"] = value
        self._link.wire.tell("service.end", told)

    def _end(self, outcome: str) -> dict[str, Any]:
        return {"callId": self._id, "outcome": outcome, "latencyMs": max(0, round((time.monotonic() - self._began) * 1000))}

    # Once more

    def _is_in_time(self) -> bool:
        return self._block is None or self._block._is_open

    def _pause(self, problem: BaseException, verdict: Outcome) -> float | None:
        """How many seconds later it is asked once more, of which the room knows by then; None where this attempt was the last."""
        has_more = self._attempt < self._service.attempts and self._is_in_time()
        # What we refused ourselves we would refuse again, whatever the program calls a failure.
        if not has_more or verdict.outcome != "failed" or from_exception(problem) is not None:
            return None
        pause: float = self._service.backoff * 2 ** (self._attempt - 1)
        if verdict.retry_after_ms is not None:
            pause = max(pause, verdict.retry_after_ms / 1000)
        if self._link is not None:
            told = {**self._end("failed"), "detail": verdict.detail[:500], "retryAfterMs": verdict.retry_after_ms, "again": True}
            try:
                # Where the breaker is open the next attempt is kept away, and nobody has to wait for that.
                if self._link.wire.ask("service.end", told).get("isOpen"):
                    return 0.0
            except RuntimeUnavailable:
                self._link = None
        return min(pause, LONGEST_PAUSE)

    def _sleep(self, seconds: float) -> None:
        if self._link is not None:
            self._link.sleep(seconds)
        else:
            time.sleep(seconds)

    async def _sleep_async(self, seconds: float) -> None:
        if self._link is not None:
            await self._link.sleep_async(seconds)
        else:
            import asyncio

            await asyncio.sleep(seconds)

    def _begin_again(self) -> bool:
        """Whether the service is to be asked."""
        if self._is_in_time():
            self._begin()
            return self.may_ask
        # The block was closed meanwhile, and the room is not asked any more.
        self._link = None
        self._take_unprotected(self._service._rooms)
        return False

    # How it ended

    def _judge(self, problem: BaseException) -> Outcome:
        return judge(problem, self._service._is_failure)

    def _failed(self, problem: BaseException, verdict: Outcome) -> bool:
        """Whether something is given in its place; raises the problem where nothing is to be."""
        if self._link is not None:
            told = {**self._end(verdict.outcome), "detail": verdict.detail[:500], "retryAfterMs": verdict.retry_after_ms}
            if verdict.outcome != "failed":
                self._link.wire.tell("service.end", told)
            else:
                self.reason = f"{self._service.name} failed: {verdict.detail}."
                try:
                    instead = self._link.wire.ask("service.end", told)["instead"]
                except RuntimeUnavailable:
                    return self._take_unprotected(self._service._rooms)
                if self._take(instead):
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
