"""How numbers look to people: the formats of the control room."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_DOLLAR = 1_000_000_000
_CENT = _DOLLAR // 100
_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000


def money(amount: int) -> str:
    """`$5.29`, of nanodollars."""
    cents = (abs(amount) + _CENT // 2) // _CENT
    return f"{'-' if amount < 0 and cents > 0 else ''}${cents // 100:,}.{cents % 100:02d}"


def exact_dollars(amount: int) -> str:
    """`0.000125`."""
    fraction = f"{amount % _DOLLAR:09d}".rstrip("0")
    return f"{amount // _DOLLAR}.{fraction:0<2}"


def small_money(amount: int) -> str:
    """`$0.0036`: below a dollar not a nanodollar is lost."""
    if abs(amount) >= _DOLLAR:
        return money(amount)
    return f"{'-' if amount < 0 else ''}${exact_dollars(abs(amount))}"


def spent(amount: int, limit: int) -> str:
    """`$5.29`, and finer where cents would hide it."""
    if amount >= _CENT and limit < _DOLLAR:
        return small_money(_rounded(amount, _CENT // 100))
    if amount >= _CENT or amount < 1:
        return money(amount)
    return small_money(_rounded(amount, 10 ** max(0, len(str(amount)) - 2)))


def spent_of(amount: int, limit: int) -> str:
    """`$5.29 / $50.00`."""
    return f"{spent(amount, limit)} / {small_money(limit)}"


def percent(part: int, whole: int) -> str:
    """`10.6%`."""
    tenths = _tenths(part, whole)
    return f"{tenths // 10:,}.{tenths % 10}%"


def work(done: int, total: int | None, unit: str) -> str:
    """`23 / 100 leads (23%)`."""
    if total is None:
        return _counted(done, unit)
    return f"{done:,} / {_counted(total, unit)} ({done * 100 // total}%)"


def success(done: int, failed: int) -> str | None:
    """`100% (23/23)`."""
    ok = max(0, done - failed)
    return None if done == 0 else f"{ok * 100 // done}% ({ok}/{done})"


def throughput(per_hour: float, unit: str) -> str:
    """`212 leads/hour`."""
    return f"{_counted(int(per_hour + 0.5), unit)}/hour"


def percentile(percent: int, length_ms: float) -> str:
    """`P95: 2.1s`."""
    from decimal import ROUND_HALF_UP, Decimal

    if int(length_ms + 0.5) < _SECOND:
        return f"P{percent}: {int(length_ms + 0.5)}ms"
    return f"P{percent}: {Decimal(length_ms / _SECOND).quantize(Decimal('0.1'), ROUND_HALF_UP)}s"


def blocked(count: int, unit: str) -> str:
    """`66 leads`."""
    return f"{count} {unit if count == 1 else f'{unit}s'}"


def saved(amount: int) -> str | None:
    """`$6.60 saved`."""
    return f"{money(amount)} saved" if amount > 0 else None


def via_fallback(served: Mapping[str, int]) -> str | None:
    """`98% via fallback`: of the calls that the service did not answer itself, those that somebody else did."""
    part = served["cached"] + served["placeholder"] + served["custom"]
    whole = part + served["failed"]
    if whole == 0:
        return None
    return f"{(1000 if part == whole else min(999, _tenths(part, whole))) // 10}% via fallback"


def duration(length_ms: float) -> str:
    """`1 min 5 s`."""
    length = max(0, int(length_ms))
    if length < _SECOND:
        return f"{length} ms"
    if length < _MINUTE:
        return f"{length // _SECOND} s"
    if length < _HOUR:
        return _two_units(length, _MINUTE, "min", _SECOND, "s")
    if length < _DAY:
        return _two_units(length, _HOUR, "h", _MINUTE, "min")
    return _two_units(length, _DAY, "d", _HOUR, "h")


def cooldown(length_ms: int) -> str:
    """`60 s`; what is left of one is never said too short."""
    if length_ms < _SECOND:
        return duration(length_ms)
    seconds = -(-length_ms // _SECOND)
    return f"{seconds} s" if seconds < 120 else duration(seconds * _SECOND)


def service(name: str, endpoint: str) -> str:
    """`linkedin /v2/people`."""
    return f"{name} {endpoint}" if endpoint else name


def breaker(state: str, retry_at: int | None, now: int) -> str:
    """`open for 42 s`."""
    if state == "closed":
        return state
    if state == "open":
        return f"open for {cooldown(max(0, (now if retry_at is None else retry_at) - now))}"
    return "half-open, waits for a call" if retry_at is None or retry_at <= now else "half-open, one call tries it"


def _rounded(amount: int, step: int) -> int:
    return (2 * amount + step) // (2 * step) * step


def _tenths(part: int, whole: int) -> int:
    if whole <= 0:
        return 1000 if part > 0 else 0
    return (part * 2000 + whole) // (2 * whole)


def _counted(count: int, unit: str) -> str:
    return f"{count:,} {unit if count == 1 else f'{unit}s'}"


def _two_units(length: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = length % large // small
    first = f"{length // large} {large_name}"
    return first if rest == 0 else f"{first} {rest} {small_name}"
