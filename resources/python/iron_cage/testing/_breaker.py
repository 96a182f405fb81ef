"""The state of a breaker: the rules of the control room, event by event."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, TypeAlias

    Kind: TypeAlias = Literal["closed", "open", "half-open"]

_SLICES = 10
_LONGEST_DETAIL = 120
TIERS = ("primary", "cached", "placeholder", "custom", "failed")


@dataclass(frozen=True)
class Window:
    share: float
    minimum: int
    over_ms: int


@dataclass(frozen=True)
class Policy:
    failures: int = 5
    cooldown_ms: int = 60_000
    longest_cooldown_ms: int = 3_600_000
    probe_ms: int = 30_000
    window: Window | None = None


#: Of the providers of models, which think longer than other services do.
UPSTREAM = Policy(longest_cooldown_ms=600_000, probe_ms=120_000)


def policy_with(policy: Policy, said: Mapping[str, Any]) -> Policy:
    """The policy with what is said of it, in the words of the contract."""
    names = {"failures": "failures", "cooldownMs": "cooldown_ms", "longestCooldownMs": "longest_cooldown_ms", "probeMs": "probe_ms"}
    changes: dict[str, Any] = {ours: said[theirs] for theirs, ours in names.items() if theirs in said}
    if "window" in said:
        given = said["window"]
        changes["window"] = None if given is None else Window(given["share"], given["minimum"], given["overMs"])
    return replace(policy, **changes)


@dataclass(frozen=True)
class Probe:
    call_id: str
    until: int


@dataclass(frozen=True)
class Breaker:
    since: int
    kind: Kind = "closed"
    #: While open.
    until: int = 0
    #: While half open; without one the next call is it.
    probe: Probe | None = None
    epoch: int = 0
    outage_since: int | None = None
    failures_in_a_row: int = 0
    not_before: int = 0
    #: When a slice began, its calls, and its failures.
    window: tuple[tuple[int, int, int], ...] = ()
    calls: int = 0
    failures: int = 0
    blocked: int = 0
    saved: int = 0
    served: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(TIERS, 0))
    recoveries: int = 0
    reason: str | None = None

    def allows(self, call_id: str) -> bool:
        """Whether a call that has just begun may go."""
        return self.kind == "closed" or self.is_probe(call_id)

    def is_probe(self, call_id: str) -> bool:
        return self.kind == "half-open" and self.probe is not None and self.probe.call_id == call_id

    @property
    def retry_at(self) -> int | None:
        """When a probe may go at the earliest; None while closed."""
        if self.kind == "closed":
            return None
        if self.kind == "open":
            return self.until
        return self.since if self.probe is None else self.probe.until

    def wait(self, now: int) -> int:
        at = self.retry_at
        return 0 if at is None else max(0, at - now)


def tick(breaker: Breaker, at: int, policy: Policy) -> Breaker:
    """What time alone has done, each thing at its own moment."""
    while True:
        if breaker.kind == "open" and breaker.until <= at:
            breaker = replace(breaker, kind="half-open", since=breaker.until, probe=None)
        elif breaker.kind == "half-open" and breaker.probe is not None and breaker.probe.until <= at:
            failed = replace(breaker, failures=breaker.failures + 1, failures_in_a_row=breaker.failures_in_a_row + 1)
            breaker = _opened(failed, breaker.probe.until, policy, "the call that tried it did not come back")
        else:
            return breaker


def begin(given: Breaker, at: int, call_id: str, price: int, policy: Policy) -> Breaker:
    breaker = tick(given, at, policy)
    if breaker.kind == "closed":
        return replace(breaker, calls=breaker.calls + 1)
    if breaker.kind == "half-open" and breaker.probe is None:
        return replace(breaker, calls=breaker.calls + 1, probe=Probe(call_id, at + policy.probe_ms))
    return replace(breaker, blocked=breaker.blocked + 1, saved=breaker.saved + price)


def end(
    given: Breaker, at: int, call_id: str, epoch: int, outcome: str, detail: str | None, retry_after_ms: int | None, policy: Policy
) -> Breaker:
    breaker = tick(given, at, policy)
    was_probe = breaker.is_probe(call_id)
    is_failure = outcome == "failed"
    asked_for = 0 if retry_after_ms is None else at + min(retry_after_ms, policy.longest_cooldown_ms)
    failed = replace(breaker, failures=breaker.failures + 1) if is_failure else breaker
    if epoch != breaker.epoch and not was_probe:
        # From before it opened or closed the last time: it is counted, and may hold it off, and no more.
        return replace(failed, until=asked_for) if breaker.kind == "open" and is_failure and asked_for > breaker.until else failed
    if breaker.kind == "closed":
        if outcome == "ok":
            return replace(breaker, failures_in_a_row=0, not_before=0, window=_noted(breaker, at, False, policy))
        return _after_failure(failed, at, detail, asked_for, policy) if is_failure else breaker
    if not was_probe:
        return failed
    if outcome == "cancelled":
        return replace(breaker, probe=None)
    if not is_failure:
        # Whoever says that the caller was wrong is there.
        return _closed(breaker, at, is_recovery=True)
    row = failed.failures_in_a_row + 1
    asked = replace(failed, failures_in_a_row=row, not_before=max(failed.not_before, asked_for))
    return _opened(asked, at, policy, f"the call that tried it failed{_in_brackets(detail)}")


def served(breaker: Breaker, tier: str, instead: str | None = None) -> Breaker:
    counts = dict(breaker.served)
    if instead != tier:
        counts[tier] += 1
        if instead is not None:
            counts[instead] = max(0, counts[instead] - 1)
    return replace(breaker, served=counts)


def reset(given: Breaker, at: int, policy: Policy) -> Breaker:
    """Somebody has closed it by hand."""
    breaker = tick(given, at, policy)
    return _closed(breaker, max(breaker.since, at), is_recovery=False)


def _after_failure(breaker: Breaker, at: int, detail: str | None, asked_for: int, policy: Policy) -> Breaker:
    row = breaker.failures_in_a_row + 1
    window = _noted(breaker, at, True, policy)
    following = replace(breaker, failures_in_a_row=row, not_before=max(breaker.not_before, asked_for), window=window)
    if row >= policy.failures:
        return _opened(following, at, policy, f"{_calls(row)} in a row{_in_brackets(detail)}")
    if policy.window is None:
        return following
    calls, failures = sum(one[1] for one in window), sum(one[2] for one in window)
    if calls < policy.window.minimum or failures / calls < policy.window.share:
        return following
    seconds = policy.window.over_ms / 1000
    return _opened(following, at, policy, f"{failures} of {_calls(calls)} within {seconds:g} s{_in_brackets(detail)}")


def _opened(breaker: Breaker, at: int, policy: Policy, reason: str) -> Breaker:
    return replace(
        breaker,
        kind="open",
        since=at,
        until=max(at + policy.cooldown_ms, breaker.not_before),
        probe=None,
        epoch=breaker.epoch + 1,
        outage_since=at if breaker.outage_since is None else breaker.outage_since,
        not_before=0,
        window=(),
        reason=reason,
    )


def _closed(breaker: Breaker, at: int, *, is_recovery: bool) -> Breaker:
    return replace(
        breaker,
        kind="closed",
        since=at,
        probe=None,
        epoch=breaker.epoch + 1,
        outage_since=None,
        failures_in_a_row=0,
        not_before=0,
        window=(),
        recoveries=breaker.recoveries + int(is_recovery),
    )


def _noted(breaker: Breaker, at: int, is_failure: bool, policy: Policy) -> tuple[tuple[int, int, int], ...]:
    if policy.window is None:
        return breaker.window
    length = -(-policy.window.over_ms // _SLICES)
    start = at - at % length
    kept = tuple(one for one in breaker.window if start - length * _SLICES < one[0] <= start)
    if not kept or kept[-1][0] != start:
        return (*kept, (start, 1, int(is_failure)))
    _, calls, failures = kept[-1]
    return (*kept[:-1], (start, calls + 1, failures + int(is_failure)))


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _in_brackets(detail: str | None) -> str:
    return f" ({detail[:_LONGEST_DETAIL]})" if detail else ""
