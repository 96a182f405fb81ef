"""Services of a MockRuntime: their breakers, what was kept of them, and who answers in their place."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from iron_cage.testing import _breaker, _formats
from iron_cage.testing._breaker import Breaker, Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from iron_cage.testing._clock import MockClock

#: A call that has not ended by then has failed.
_CALL_LEASE_MS = 600_000
_LONGEST_ANSWER = 256 * 1024


@dataclass(frozen=True)
class ServicePolicy:
    breaker: Policy = Policy()  # noqa: RUF009
    fallback: tuple[str, ...] = ()
    fresh_ms: int = 0
    stale_ms: int = 86_400_000
    most_entries: int = 1_000
    placeholder: Any = None
    #: Nanodollars.
    price: int = 0


class _Ticket:
    __slots__ = ("call_id", "endpoint", "epoch", "question", "service", "until")

    def __init__(self, call_id: str, service: str, endpoint: str, epoch: int, question: str | None, until: int) -> None:
        self.call_id = call_id
        self.service = service
        self.endpoint = endpoint
        self.epoch = epoch
        self.question = question
        self.until = until


class ServiceDesk:
    def __init__(self, clock: MockClock, new_id: Callable[[], str], tell: Callable[[str, str, str, dict[str, Any]], None]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._tell = tell
        self._policies: dict[str, ServicePolicy] = {}
        self._breakers: dict[tuple[str, str], Breaker] = {}
        self._tickets: dict[str, _Ticket] = {}
        self._unserved: dict[str, tuple[str, str]] = {}
        #: By service: what it answered to which question, as JSON, and when; the last one used comes last.
        self._kept: dict[str, dict[str, tuple[str, int]]] = {}
        #: What agents work on, in the singular.
        self.unit = "call"

    # Breakers

    def breaker(self, service: str, endpoint: str = "") -> Breaker:
        known = self._breakers.get((service, endpoint))
        if known is None:
            known = self._breakers[service, endpoint] = Breaker(self._clock.now_ms)
        return known

    def _put(self, service: str, endpoint: str, after: Breaker) -> None:
        """Tells what people want to hear of it."""
        before = self.breaker(service, endpoint)
        self._breakers[service, endpoint] = after
        name, now = _formats.service(service, endpoint), self._clock.now_ms
        payload = {"service": service, "endpoint": endpoint, "state": after.kind, "retryAt": after.retry_at, "reason": after.reason}
        if after.kind == "open" and after.epoch != before.epoch:
            still = "still failing" if after.outage_since is not None and after.outage_since < after.since else "failing"
            wait = _formats.cooldown(after.wait(now))
            self._tell("service.opened", "WARN", f"{name} is {still}: {after.reason}. Its calls are kept away for {wait}.", payload)
        elif after.kind == "half-open" and after.probe is not None and before.probe is None:
            self._tell("service.probing", "INFO", f"{name} is tried again with one call.", payload)
        elif after.recoveries > before.recoveries:
            length = _formats.duration(now - (now if before.outage_since is None else before.outage_since))
            self._tell("service.recovered", "INFO", f"{name} works again after {length}.", payload)

    def tick(self) -> None:
        """What time alone does."""
        now = self._clock.now_ms
        for ticket in [one for one in self._tickets.values() if one.until <= now]:
            del self._tickets[ticket.call_id]
            self._settle(ticket, "failed", "it did not come back", None)
        for (service, endpoint), breaker in list(self._breakers.items()):
            after = _breaker.tick(breaker, now, self._policy_of(service, endpoint))
            if after is not breaker:
                self._put(service, endpoint, after)

    def _policy_of(self, service: str, endpoint: str) -> Policy:
        return _breaker.UPSTREAM if endpoint == "simulated" else self.policy(service).breaker

    def force_open(self, service: str, endpoint: str = "") -> None:
        """As if it had failed often enough."""
        policy = self._policy_of(service, endpoint)
        for _ in range(policy.failures):
            call_id, breaker = self._new_id(), self.breaker(service, endpoint)
            begun = _breaker.begin(breaker, self._clock.now_ms, call_id, 0, policy)
            ended = _breaker.end(begun, self._clock.now_ms, call_id, begun.epoch, "failed", "ConnectionError", None, policy)
            self._put(service, endpoint, ended)
            if ended.kind == "open":
                return

    def reset(self, service: str, endpoint: str = "") -> None:
        policy = self._policy_of(service, endpoint)
        self._put(service, endpoint, _breaker.reset(self.breaker(service, endpoint), self._clock.now_ms, policy))

    def view(self, service: str, endpoint: str = "") -> dict[str, Any]:
        self.tick()
        one = self.breaker(service, endpoint)
        return {
            "service": service,
            "endpoint": endpoint,
            "state": one.kind,
            "retryAt": one.retry_at,
            "failuresInARow": one.failures_in_a_row,
            "calls": one.calls,
            "failures": one.failures,
            "blocked": one.blocked,
            "saved": one.saved,
            "served": dict(one.served),
            "recoveries": one.recoveries,
            "reason": one.reason,
            "formatted": {
                "blocked": _formats.blocked(one.blocked, self.unit),
                "saved": _formats.saved(one.saved),
                "viaFallback": _formats.via_fallback(one.served),
            },
        }

    def views(self) -> list[dict[str, Any]]:
        return [self.view(service, endpoint) for service, endpoint in list(self._breakers)]

    # What programs say

    def policy(self, service: str) -> ServicePolicy:
        return self._policies.get(service, _NOTHING_SAID)

    def declare(self, service: str, said: Mapping[str, Any]) -> None:
        """What a program says of a service takes the place of what it said before."""
        policy = ServicePolicy(breaker=_breaker.policy_with(Policy(), said.get("breaker", {})))
        if "fallback" in said:
            policy = replace(policy, fallback=tuple(said["fallback"]))
        if "placeholder" in said:
            policy = replace(policy, placeholder=said["placeholder"])
        if "price" in said:
            whole, _, rest = str(said["price"]).partition(".")
            policy = replace(policy, price=int(whole or "0") * 1_000_000_000 + int(rest.ljust(9, "0") or "0"))
        cache = said.get("cache", {})
        policy = replace(
            policy,
            fresh_ms=cache.get("freshMs", policy.fresh_ms),
            stale_ms=cache.get("staleMs", policy.stale_ms),
            most_entries=cache.get("mostEntries", policy.most_entries),
        )
        self._policies[service] = policy

    def begin(self, service: str, endpoint: str, key: Any) -> dict[str, Any]:
        self.tick()
        policy, now, call_id = self.policy(service), self._clock.now_ms, f"svc-{self._new_id()}"
        keeps = policy.fresh_ms > 0 or "cached" in policy.fallback
        question = json.dumps([endpoint, key], sort_keys=True) if keeps else None
        kept = self._recalled(service, question, policy) if policy.fresh_ms > 0 else None
        if kept is not None and kept["ageMs"] < policy.fresh_ms:
            self._serve(service, endpoint, "cached")
            return _verdict(call_id, "use", instead=kept)
        after = _breaker.begin(self.breaker(service, endpoint), now, call_id, policy.price, policy.breaker)
        self._put(service, endpoint, after)
        if after.allows(call_id):
            self._tickets[call_id] = _Ticket(call_id, service, endpoint, after.epoch, question, now + _CALL_LEASE_MS)
            return _verdict(call_id, "call", is_probe=after.is_probe(call_id))
        instead = self._fall_back(service, endpoint, call_id, question)
        name = _formats.service(service, endpoint)
        if after.kind == "open":
            reason = f"{name} is failing: {after.reason}. It is tried again in {_formats.cooldown(after.wait(now))}."
        else:
            reason = f"{name} is being tried with one call; the others wait until that has come back."
        return _verdict(call_id, "use" if instead else "refused", instead=instead, after=after.wait(now), reason=reason)

    def end(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self.tick()
        ticket = self._tickets.pop(given["callId"], None)
        if ticket is None:
            return {"instead": None, "isOpen": False}
        outcome = given["outcome"]
        self._settle(ticket, outcome, given.get("detail") if outcome == "failed" else None, given.get("retryAfterMs"))
        is_open = self.breaker(ticket.service, ticket.endpoint).kind == "open"
        return {"instead": self._ended(ticket, given), "isOpen": is_open}

    def _ended(self, ticket: _Ticket, given: Mapping[str, Any]) -> dict[str, Any] | None:
        outcome = given["outcome"]
        # Whoever asks once more is told at that call who answers.
        if outcome == "cancelled" or (outcome == "failed" and given.get("again", False)):
            return None
        if outcome == "failed":
            return self._fall_back(ticket.service, ticket.endpoint, ticket.call_id, ticket.question)
        self._serve(ticket.service, ticket.endpoint, "primary")
        if outcome == "ok" and "value" in given and ticket.question is not None:
            self._keep(ticket.service, ticket.question, given["value"])
        return None

    def served(self, call_id: str, tier: str) -> None:
        target = self._unserved.pop(call_id, None)
        if target is not None:
            self._breakers[target] = _breaker.served(self.breaker(*target), tier, instead="failed")

    # Providers of models

    def begin_upstream(self, provider: str) -> tuple[str, int] | None:
        """The call that may go, and the breaker's epoch; None where it may not."""
        call_id = self._new_id()
        after = _breaker.begin(self.breaker(provider, "simulated"), self._clock.now_ms, call_id, 0, _breaker.UPSTREAM)
        self._put(provider, "simulated", after)
        if after.allows(call_id):
            return call_id, after.epoch
        self._serve(provider, "simulated", "failed")
        return None

    def end_upstream(self, provider: str, begun: tuple[str, int], outcome: str, detail: str | None, retry_after_ms: int | None) -> None:
        before, now = self.breaker(provider, "simulated"), self._clock.now_ms
        self._put(provider, "simulated", _breaker.end(before, now, begun[0], begun[1], outcome, detail, retry_after_ms, _breaker.UPSTREAM))
        if outcome != "cancelled":
            self._serve(provider, "simulated", "failed" if outcome == "failed" else "primary")

    # Inside

    def _settle(self, ticket: _Ticket, outcome: str, detail: str | None, retry_after_ms: int | None) -> None:
        breaker, policy = self.breaker(ticket.service, ticket.endpoint), self.policy(ticket.service).breaker
        at = min(self._clock.now_ms, ticket.until)
        after = _breaker.end(breaker, at, ticket.call_id, ticket.epoch, outcome, detail, retry_after_ms, policy)
        self._put(ticket.service, ticket.endpoint, after)

    def _serve(self, service: str, endpoint: str, tier: str) -> None:
        self._breakers[service, endpoint] = _breaker.served(self.breaker(service, endpoint), tier)

    def _fall_back(self, service: str, endpoint: str, call_id: str, question: str | None) -> dict[str, Any] | None:
        instead = self._instead_of(service, question)
        self._serve(service, endpoint, instead["tier"] if instead else "failed")
        if instead is None:
            self._unserved[call_id] = (service, endpoint)
        return instead

    def _instead_of(self, service: str, question: str | None) -> dict[str, Any] | None:
        policy = self.policy(service)
        for tier in policy.fallback:
            if tier == "placeholder":
                return {"tier": tier, "value": policy.placeholder, "ageMs": None}
            kept = self._recalled(service, question, policy)
            if kept is not None and kept["ageMs"] <= policy.stale_ms:
                return kept
        return None

    def _keep(self, service: str, question: str, value: Any) -> None:
        text = json.dumps(value)
        if len(text) > _LONGEST_ANSWER:
            return
        kept = self._kept.setdefault(service, {})
        kept.pop(question, None)
        kept[question] = (text, self._clock.now_ms)
        while len(kept) > self.policy(service).most_entries:
            del kept[next(iter(kept))]

    def _recalled(self, service: str, question: str | None, policy: ServicePolicy) -> dict[str, Any] | None:
        kept = self._kept.get(service, {})
        found = None if question is None else kept.get(question)
        if found is None or question is None:
            return None
        kept[question] = kept.pop(question)
        age = self._clock.now_ms - found[1]
        return None if age > max(policy.stale_ms, policy.fresh_ms) else {"tier": "cached", "value": json.loads(found[0]), "ageMs": age}


_NOTHING_SAID = ServicePolicy()


def _verdict(
    call_id: str,
    do: str,
    *,
    is_probe: bool = False,
    instead: dict[str, Any] | None = None,
    after: int | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    return {"callId": call_id, "do": do, "isProbe": is_probe, "instead": instead, "retryAfterMs": after, "reason": reason}
