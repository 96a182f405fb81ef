"""A model that does not answer is asked again for a while; what cannot be mended by waiting is not."""

from __future__ import annotations

import time
from http.client import HTTPException
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any, TypeVar

from iron_cage import CircuitOpen, IronCageError, RuntimeUnavailable
from iron_cage.errors import from_exception
from lead_files import CannotGoOn

if TYPE_CHECKING:
    from collections.abc import Callable

    from pace import Pace
    from stage import Stage

    T = TypeVar("T")

FIRST_DELAY = 0.5
LONGEST_DELAY = 15.0
LONGEST_PATIENCE = 15 * 60.0

# A key may be exchanged at any moment, and the right one comes a moment later.
_KEY_STATUS = (401,)
_PASSING = (408, 409, 425, 429)
_KEY_CODE = "NO_KEY"
# What the OpenAI SDK and httpx call a connection that did not come about, or broke.
_CONNECTION_ERRORS = ("APIConnectionError", "TransportError")


class Patience:
    def __init__(self, pace: Pace, stage: Stage) -> None:
        self._pace = pace
        self._stage = stage

    def ask(self, call: Callable[[], T]) -> T:
        """The call's answer, however often it takes; at once where only the agent's end would be left."""
        since: float | None = None
        delay = FIRST_DELAY
        while True:
            try:
                answer = call()
            except Exception as problem:
                why = why_wait(problem)
                if why is None:
                    raise
                now = time.monotonic()
                if since is None:
                    since = now
                    self._stage.note(f"The model does not answer: {why}. It is asked again, for up to {LONGEST_PATIENCE / 60:.0f} minutes.")
                elif now - since >= LONGEST_PATIENCE:
                    raise CannotGoOn(f"The model has not answered for {(now - since) / 60:.0f} minutes: {why}.") from problem
                time.sleep(delay / self._pace.divisor)
                delay = min(delay * 2, LONGEST_DELAY)
            else:
                if since is not None:
                    self._stage.note(f"The model answers again, after {time.monotonic() - since:.0f} s.")
                return answer


def why_wait(problem: Exception) -> str | None:
    """None where waiting does not help: it is a refusal of the room, or a mistake; the latter as a sentence."""
    ours = from_exception(problem)
    if ours is not None:
        return _why_wait_for_room(ours)
    status = _status(problem)
    if status is None:
        if isinstance(problem, JSONDecodeError):
            return "what it said cannot be read"
        is_connection = isinstance(problem, OSError | HTTPException) or _is_named(problem, _CONNECTION_ERRORS)
        return "it cannot be reached" if is_connection else None
    if status == 429:
        return "it is asked too much (429)"
    if status in _KEY_STATUS:
        return f"it does not accept the key ({status})"
    if status in _PASSING or status >= 500 or status < 400:
        return f"it has trouble of its own ({status})"
    raise CannotGoOn(f"The model's provider refuses the call ({status}): {_said(problem)}") from problem


def _why_wait_for_room(ours: IronCageError) -> str | None:
    if isinstance(ours, CircuitOpen):
        return "the control room leaves it alone, for it has failed too often"
    if isinstance(ours, RuntimeUnavailable):
        return "the control room cannot pass the call on at this moment"
    return "there is no key for it" if ours.code == _KEY_CODE else None


def _status(problem: BaseException) -> int | None:
    # The OpenAI SDK has it under the first name, urllib under the other.
    for name in ("status_code", "code"):
        value: Any = getattr(problem, name, None)
        if isinstance(value, int):
            return value
    return None


def _is_named(problem: BaseException, names: tuple[str, ...]) -> bool:
    return any(kind.__name__ in names for kind in type(problem).__mro__)


def _said(problem: BaseException) -> str:
    return " ".join(str(problem).split())[:300]
