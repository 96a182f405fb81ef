"""How a call of a service has ended, judged by what it raised, whatever library raised it."""

from __future__ import annotations

from iron_cage.errors import from_exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Also failures: the service asks to be left alone.
_FAILURES = (408, 425, 429)
# A mistake of the program says nothing of the service.
_MISTAKES = (TypeError, NameError, AttributeError, AssertionError, ImportError, SyntaxError, NotImplementedError)
_CANCELLED = ("CancelledError", "Cancelled", "GreenletExit")


class Outcome:
    __slots__ = ("detail", "outcome", "retry_after_ms")

    def __init__(self, outcome: str, detail: str, retry_after_ms: int | None = None) -> None:
        self.outcome = outcome
        self.detail = detail
        self.retry_after_ms = retry_after_ms


def judge(problem: BaseException, is_failure: Callable[[BaseException], bool] | None) -> Outcome:
    name = type(problem).__name__
    if not isinstance(problem, Exception) or name in _CANCELLED:
        return Outcome("cancelled", name)
    status = _status(problem)
    detail = name if status is None else str(status)
    after = _retry_after_ms(problem)
    if is_failure is not None:
        return Outcome("failed", detail, after) if is_failure(problem) else Outcome("callers-fault", detail)
    # What we refused ourselves is nobody's failure but the rules'.
    if from_exception(problem) is not None:
        return Outcome("callers-fault", detail)
    if status is not None:
        return Outcome("callers-fault", detail) if 400 <= status < 500 and status not in _FAILURES else Outcome("failed", detail, after)
    return Outcome("callers-fault", detail) if isinstance(problem, _MISTAKES) else Outcome("failed", detail, after)


def _status(problem: BaseException) -> int | None:
    for holder, name in (
        (problem, "status_code"),
        (getattr(problem, "response", None), "status_code"),
        (problem, "status"),
        # urllib has it there.
        (problem, "code"),
    ):
        value = getattr(holder, name, None)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600:
            return value
    return None


def _retry_after_ms(problem: BaseException) -> int | None:
    given: Any = getattr(problem, "retry_after", None)
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < 1e9:
        return round(given * 1000)
    headers = getattr(getattr(problem, "response", None), "headers", None) or getattr(problem, "headers", None)
    get = getattr(headers, "get", None)
    try:
        value = None if get is None else get("retry-after")
    except Exception:
        return None
    if not isinstance(value, str) or not value.strip():
        return None
    if value.strip().isdigit():
        return min(int(value), 10**9) * 1000
    import time
    from email.utils import parsedate_to_datetime

    try:
        return max(0, round((parsedate_to_datetime(value).timestamp() - time.time()) * 1000))
    except (TypeError, ValueError, OverflowError):
        return None
