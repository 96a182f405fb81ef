"""What can go wrong, as Python says it.

try:
    qualify(leads)
except iron_cage.BudgetExceeded as problem:
    print(problem.spent, "of", problem.limit)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

__all__ = [
    "BudgetExceeded",
    "CircuitOpen",
    "IronCageError",
    "NotAllowed",
    "PIIBlocked",
    "Refused",
    "RuntimeUnavailable",
    "from_exception",
    "refusals",
]

_NANODOLLARS = 1_000_000_000
_DEEPEST_CHAIN = 20
_REFUSAL_HEADER = "x-iron-cage-refusal"


class IronCageError(Exception):
    """Everything that Iron Cage raises by itself."""

    #: What the control room calls it: `BUDGET_EXCEEDED`, `FORBIDDEN`…; empty where the room was not asked.
    code: str = ""
    #: Whatever else the room said.
    details: Mapping[str, Any]

    def __init__(self, message: str, *, code: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code
        self.details = dict(details or {})

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.message, dict(self.__dict__))


def _revive(kind: type[IronCageError], message: str, state: dict[str, Any]) -> IronCageError:
    problem = kind.__new__(kind)
    Exception.__init__(problem, message)
    problem.__dict__.update(state)
    return problem


class BudgetExceeded(IronCageError):
    """A call did not fit into what was left of a budget; it was not made. Amounts are dollars."""

    code = "BUDGET_EXCEEDED"

    def __init__(
        self,
        limit: float | None = None,
        spent: float | None = None,
        requested: float | None = None,
        *,
        message: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message or _budget_sentence(limit, spent, requested), details=details)
        self.limit = limit
        self.spent = spent
        self.requested = requested


class PIIBlocked(IronCageError):
    """Private data was about to go out, and the rules say that it must not."""

    code = "PII_BLOCKED"

    def __init__(self, types: Iterable[str] = (), *, message: str = "", details: Mapping[str, Any] | None = None) -> None:
        self.types = tuple(types)
        super().__init__(message or f"Private data was blocked: {', '.join(self.types) or 'of a kind that was not told'}.", details=details)


class CircuitOpen(IronCageError):
    """A service has failed too often of late; it was not called. `retry_after` is in seconds."""

    code = "CIRCUIT_OPEN"

    def __init__(
        self, service: str, retry_after: float | None = None, *, message: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        when = "" if retry_after is None else f"; it may be tried again in {retry_after:.0f} s"
        super().__init__(message or f"{service} has failed too often of late and was not called{when}.", details=details)
        self.service = service
        self.retry_after = retry_after


class NotAllowed(IronCageError):
    """The rules of the run forbid it: a model, a tool, a host, a path."""

    code = "FORBIDDEN"


class RuntimeUnavailable(IronCageError):
    """There is no control room to be had, or it does not answer."""

    code = "UNAVAILABLE"


class Refused(IronCageError):
    """The control room did not do what it was asked to; `code` says of what kind the reason is."""


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 0.01 or amount == 0 else f"${amount:.6f}"


def _budget_sentence(limit: float | None, spent: float | None, requested: float | None) -> str:
    parts = []
    if limit is not None and spent is not None:
        parts.append(f"{_dollars(spent)} of {_dollars(limit)} are spent")
    elif limit is not None:
        parts.append(f"the limit is {_dollars(limit)}")
    if requested is not None:
        parts.append(f"the call could have cost {_dollars(requested)}")
    return f"The budget does not cover the call: {', and '.join(parts)}." if parts else "The budget does not cover the call."


def from_refusal(error: Mapping[str, Any]) -> IronCageError:
    """The exception for the room's `{code, message, details?}`."""
    details = error.get("details")
    told = dict(details) if isinstance(details, Mapping) else {}
    ours = told.get("iron_cage")
    code, message = str(error.get("code") or "INTERNAL"), str(error.get("message") or "The control room gave no reason.")
    return _make({**told, **(ours if isinstance(ours, Mapping) else {"code": code}), "message": message})


def from_exception(problem: BaseException) -> IronCageError | None:
    """What Iron Cage had to do with it, whatever client library raised it; None where it had nothing to do with it.

    except openai.APIError as problem:
        ours = iron_cage.errors.from_exception(problem)
    """
    seen: set[int] = set()
    current: BaseException | None = problem
    while current is not None and id(current) not in seen and len(seen) < _DEEPEST_CHAIN:
        seen.add(id(current))
        if isinstance(current, IronCageError):
            return current
        facts = _facts_of(current)
        if facts is not None:
            return _make(facts)
        # Of a group of tasks, the first that we had to do with.
        group = getattr(current, "exceptions", None)
        for one in group if isinstance(group, tuple) else ():
            found = from_exception(one) if isinstance(one, BaseException) else None
            if found is not None:
                return found
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return None


class refusals:
    """Within it a refusal comes as ours at once, and not as what the client library makes of it:

        try:
            with iron_cage.refusals():
                answer = client.chat.completions.create(...)
        except iron_cage.CircuitOpen:
            answer = ask_the_other_provider()

    Everything else passes as it is. At the edge of a block this happens by itself.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(problem, Exception) and not isinstance(problem, IronCageError):
            ours = from_exception(problem)
            if ours is not None:
                raise ours from problem


def _facts_of(problem: BaseException) -> dict[str, Any] | None:
    response = getattr(problem, "response", None)
    headers = getattr(response, "headers", None) or getattr(problem, "headers", None)
    code = _header(headers)
    facts = _find(getattr(problem, "body", None))
    if facts is None and code is not None:
        facts = _find(_json_of(response))
    if facts is None:
        return None if code is None else {"code": code, "message": ""}
    return facts


def _header(headers: object) -> str | None:
    get = getattr(headers, "get", None)
    if get is None:
        return None
    try:
        value = get(_REFUSAL_HEADER)
    except Exception:
        return None
    return value if isinstance(value, str) and value else None


def _json_of(response: object) -> object:
    read = getattr(response, "json", None)
    if read is None:
        return None
    try:
        return read()
    except Exception:
        # A streamed answer may not be there to be read any more.
        return None


def _find(body: object, depth: int = 0) -> dict[str, Any] | None:
    """Clients keep the whole body, or what stands under `error` in it."""
    if isinstance(body, str | bytes) and b"iron_cage" in (body.encode() if isinstance(body, str) else body):
        import json

        try:
            return _find(json.loads(body), depth + 1) if depth < 3 else None
        except ValueError:
            return None
    if not isinstance(body, Mapping) or depth > 3:
        return None
    ours = body.get("iron_cage")
    if isinstance(ours, Mapping):
        return {"message": body.get("message") or "", **ours}
    return _find(body.get("error"), depth + 1)


def _amount(facts: Mapping[str, Any], name: str) -> float | None:
    value = facts.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value / _NANODOLLARS


def _make(facts: Mapping[str, Any]) -> IronCageError:
    code = str(facts.get("code") or "")
    # The gateway spells its refusals like `budget_exceeded`, the contract like `FORBIDDEN`.
    kind = code.upper().replace("-", "_")
    message = str(facts.get("message") or "")
    details = {name: value for name, value in facts.items() if name not in ("message", "code")}
    if kind.startswith("BUDGET") or kind in ("OVER_BUDGET", "SCOPE_EXCEEDED"):
        return BudgetExceeded(
            _amount(facts, "limit"), _amount(facts, "spent"), _amount(facts, "requested"), message=message, details=details
        )
    if kind.startswith(("PII", "PRIVATE")):
        types = facts.get("types")
        return PIIBlocked(types if isinstance(types, list | tuple) else (), message=message, details=details)
    if kind.startswith("CIRCUIT"):
        after = facts.get("retryAfterMs")
        service = str(facts.get("service") or "The service")
        return CircuitOpen(service, after / 1000 if isinstance(after, int | float) else None, message=message, details=details)
    if kind in ("FORBIDDEN", "NOT_ALLOWED", "UNAUTHORISED", "UNAUTHORIZED", "UNAUTHENTICATED", "INJECTION", "NOT_CHECKED", "UNCHECKED"):
        return NotAllowed(message or "The rules of the run forbid it.", code=code, details=details)
    if kind in ("UNAVAILABLE", "INTERNAL", "CLOSING"):
        return RuntimeUnavailable(message or "The control room could not answer.", code=code, details=details)
    return Refused(message or f"The control room refused it ({code or 'without a code'}).", code=code, details=details)
