"""When a service is left alone, and what is given in its place."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, TypeAlias

    Json: TypeAlias = Any
    TierName: TypeAlias = Literal["primary", "cached", "placeholder", "custom", "failed"]


# A hundred years; what is meant by more is "for ever".
_LONGEST_AGE = 3_153_600_000
_MOST_ATTEMPTS = 100
#: Seconds before a service is asked once more, whoever asks for longer.
LONGEST_PAUSE = 30.0


def _expect(name: str, given: object, allowed: str, least: float, most: float, *, is_whole: bool = False, is_needed: bool = False) -> None:
    """What was mistyped is said where it was typed, not at the first call."""
    is_number = isinstance(given, int if is_whole else (int, float)) and not isinstance(given, bool)
    if (is_needed or given is not None) and not (is_number and least <= given <= most):  # type: ignore[operator]
        raise ValueError(f"{name} was {given!r}; expected {allowed}.")


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
        _expect("failures", failures, "a whole number from 1 to 1000", 1, 1000, is_whole=True)
        _expect("cooldown", cooldown, "seconds above zero, 86400 at most", 0.001, 86_400)
        _expect("probe", probe, "seconds above zero, 3600 at most", 0.001, 3_600)
        if window is not None:
            if not isinstance(window, tuple) or len(window) != 3:
                raise ValueError(f"window was {window!r}; expected a share, the fewest calls, and seconds, such as (0.5, 20, 60.0).")
            _expect("window's share", window[0], "a number above 0 and at most 1", 1e-9, 1)
            _expect("window's fewest calls", window[1], "a whole number from 1 to 100000", 1, 100_000, is_whole=True)
            _expect("window's length", window[2], "from 1 to 3600 seconds", 1, 3_600)
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


def expect_attempts(attempts: int, backoff: float) -> None:
    most = f"a whole number from 1 to {_MOST_ATTEMPTS}"
    _expect("attempts", attempts, most, 1, _MOST_ATTEMPTS, is_whole=True, is_needed=True)
    _expect("backoff", backoff, f"seconds from 0 to {LONGEST_PAUSE:g}", 0, LONGEST_PAUSE, is_needed=True)


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
    _expect("max_age", max_age, "seconds from 0 on", 0, _LONGEST_AGE)
    _expect("fresh", fresh, "seconds from 0 on", 0, _LONGEST_AGE)
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
