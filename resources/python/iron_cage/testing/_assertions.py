"""Assertions that say what happened instead. Each is a function of what happened, and a context manager around what is to happen."""

from __future__ import annotations

from iron_cage.errors import BudgetExceeded, CircuitOpen, IronCageError, PIIBlocked, from_exception
from iron_cage.testing import _formats
from iron_cage.testing._mock import MockRuntime, current_mock
from iron_cage.testing._private import find_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any


class Expected:
    """What a context manager has caught: `error` is ours, whatever library raised it."""

    def __init__(self, kind: str, check: Callable[[BaseException | None, MockRuntime | None, Expected], str | None]) -> None:
        self._kind = kind
        self._check = check
        self._runtime: MockRuntime | None = None
        self.findings_before = 0
        self.error: IronCageError | None = None

    def __enter__(self) -> Expected:
        self._runtime = current_mock()
        self.findings_before = 0 if self._runtime is None else len(self._runtime.findings)
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> bool:
        if problem is not None and not isinstance(problem, Exception):
            return False
        self.error = None if problem is None else from_exception(problem)
        wrong = self._check(self.error, self._runtime, self)
        if wrong is None:
            return problem is not None and self.error is not None
        if problem is not None and self.error is None:
            raise AssertionError(f"Expected {self._kind}, but {type(problem).__name__} was raised: {problem}") from problem
        raise AssertionError(f"Expected {self._kind}, but {wrong}") from problem

    async def __aenter__(self) -> Expected:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> bool:
        return self.__exit__(kind, problem, trace)


def assert_budget_exceeded(
    what: MockRuntime | BaseException | None = None, *, limit: float | None = None, spent: float | None = None
) -> Expected:
    """That a budget did not cover something: `with assert_budget_exceeded(limit=1.00):`, or of a runtime, or of an exception."""
    wanted = {"limit": limit, "spent": spent}

    def check(error: BaseException | None, runtime: MockRuntime | None, _expected: Expected) -> str | None:
        if isinstance(error, BudgetExceeded):
            return _differences(error, wanted)
        return _instead(error) or f"nothing was refused{_told_of_money(runtime)}."

    return _judged("BudgetExceeded", what, BudgetExceeded, check)


def assert_circuit_open(what: MockRuntime | BaseException | None = None, service: str | None = None) -> Expected:
    """That a breaker keeps calls away: `with assert_circuit_open(service="linkedin"):`, or of a runtime, or of an exception."""
    kind = f"an open breaker of {service}" if service else "an open breaker"

    def check(error: BaseException | None, runtime: MockRuntime | None, _expected: Expected) -> str | None:
        if isinstance(error, CircuitOpen):
            return None if service in (None, error.service) else f"the breaker of {error.service} is open."
        return _instead(error) or f"no call was kept away{_told_of_services(runtime)}."

    if isinstance(what, MockRuntime):
        with what.room.lock:
            views = what.room.services.views()
        if not any(view["state"] != "closed" and service in (None, view["service"]) for view in views):
            raise AssertionError(f"Expected {kind}, but all are closed{_told_of_services(what)}.")
        return Expected(kind, check)
    return _judged(kind, what, CircuitOpen, check)


def assert_pii_detected(what: MockRuntime | BaseException | str | None = None, *types: str) -> Expected:
    """That private data was found, of these types if any are named: in a text, by a runtime, in an exception, or within the block:

    with assert_pii_detected(None, "ssn"):
        agent()
    """
    kind = f"private data ({', '.join(types)})" if types else "private data"

    def lacking(found: list[str], where: str) -> str | None:
        missing = [one for one in types if one not in found] if types else ([] if found else ["any"])
        if not missing:
            return None
        return f"{where} {'had ' + ', '.join(dict.fromkeys(found)) + ' only' if found else 'nothing private was found'}."

    def check(error: BaseException | None, runtime: MockRuntime | None, expected: Expected) -> str | None:
        found = list(error.types) if isinstance(error, PIIBlocked) else []
        found += [] if runtime is None else [one.type for one in runtime.findings[expected.findings_before :]]
        return (
            lacking(found, "within the block")
            if isinstance(error, PIIBlocked) or found
            else _instead(error) or lacking(found, "within the block")
        )

    wrong: str | None = None
    if isinstance(what, str):
        wrong = lacking([one.type for one in find_private(what)], f"in {what!r}")
    elif isinstance(what, MockRuntime):
        wrong = lacking([one.type for one in what.findings], "in all that passed")
    elif what is not None:
        return _judged(kind, what, PIIBlocked, check)
    if wrong is not None:
        raise AssertionError(f"Expected {kind}, but {wrong}")
    return Expected(kind, check)


def _judged(
    kind: str,
    what: MockRuntime | BaseException | None,
    wanted: type[IronCageError],
    check: Callable[[BaseException | None, MockRuntime | None, Expected], str | None],
) -> Expected:
    expected = Expected(kind, check)
    if what is None:
        return expected
    if isinstance(what, MockRuntime):
        error: BaseException | None = next((one for one in reversed(what.refusals) if isinstance(one, wanted)), None)
        wrong = check(error, what, expected)
    else:
        error = from_exception(what)
        wrong = check(error, None, expected) if error is not None else f"it is {type(what).__name__}: {what}"
    if wrong is not None:
        raise AssertionError(f"Expected {kind}, but {wrong}")
    expected.error = error if isinstance(error, IronCageError) else None
    return expected


def _differences(error: BudgetExceeded, wanted: Mapping[str, float | None]) -> str | None:
    for name, value in wanted.items():
        given = getattr(error, name)
        if value is not None and (given is None or abs(given - value) > 1e-9):
            return f"its {name} is {given}, not {value}: {error}"
    return None


def _instead(error: BaseException | None) -> str | None:
    return None if error is None else f"{type(error).__name__} was raised: {error}"


def _told_of_money(runtime: MockRuntime | None) -> str:
    if runtime is None:
        return ""
    book, calls = runtime.room.book, len(runtime.calls)
    return f": {_formats.spent_of(book.spent, book.limit)} spent in {calls} {'call' if calls == 1 else 'calls'}"


def _told_of_services(runtime: MockRuntime | None) -> str:
    views: list[dict[str, Any]] = [] if runtime is None else runtime.room.services.views()
    told = [
        f"{_formats.service(one['service'], one['endpoint'])} {one['state']}, {one['failuresInARow']} failures in a row" for one in views
    ]
    return f": {'; '.join(told)}" if told else ""
