"""Exceptions that nobody caught."""

from __future__ import annotations

from ._run import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_LONGEST_TYPE = 200
_LONGEST_MESSAGE = 10_000
_LONGEST_TRACEBACK = 100_000
_TOLD = "_iron_cage_told"


def uncaught(problem: BaseException | None, traceback: TracebackType | None) -> None:
    # The process may end at once: it waits until the room has it.
    _raised(problem, "main", False, traceback)


def in_thread(problem: BaseException | None, name: str) -> None:
    _raised(problem, f"thread {name}", True)


def in_loop(problem: BaseException | None) -> None:
    _raised(problem, "asyncio", True)


def _raised(problem: BaseException | None, place: str, goes_on: bool, traceback: TracebackType | None = None) -> None:
    if problem is None or not isinstance(problem, Exception) or getattr(problem, _TOLD, False):
        return
    try:
        setattr(problem, _TOLD, True)
    except Exception:
        # Some have slots.
        pass
    kind = type(problem)
    name = kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    told = {
        "type": name[:_LONGEST_TYPE],
        "message": _text(problem)[:_LONGEST_MESSAGE],
        "traceback": _traceback(problem, traceback),
        "isHandled": goes_on,
        "place": place[:200],
    }
    if goes_on:
        run.tell("agent.raise", told)
    else:
        run.ask("agent.raise", told)


def _text(problem: BaseException) -> str:
    try:
        return _plain(str(problem))
    except Exception:
        return ""


def _traceback(problem: BaseException, traceback: TracebackType | None) -> str:
    from traceback import format_exception

    try:
        text = _plain("".join(format_exception(type(problem), problem, traceback or problem.__traceback__)))
    except Exception:
        return ""
    if len(text) <= _LONGEST_TRACEBACK:
        return text
    half = _LONGEST_TRACEBACK // 2 - 20
    return f"{text[:half]}\n…\n{text[-half:]}"


def _plain(text: str) -> str:
    """Half characters cannot be told."""
    return text.encode("utf-8", "replace").decode()
