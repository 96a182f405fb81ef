"""Tools of frameworks: told before and after, and not used where the rules forbid it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import ContextVar

from ._run import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

#: The id of the framework's call that is told of already, whoever else hears of it.
told: ContextVar[str | None] = ContextVar("iron_cage_tool_told", default=None)


class _Unmodified:
    """The run itself, for code that has opened no block of the SDK."""

    _is_open = True

    @property
    def is_protected(self) -> bool:
        return run.place is not None

    def _ask(self, command: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        from iron_cage.errors import RuntimeUnavailable

        wire = run.wire()
        if wire is None:
            return None
        try:
            answer: dict[str, Any] = wire.ask(command, given)
        except RuntimeUnavailable:
            # As it would be anywhere else; what the room refuses is another matter.
            return None
        return answer

    def _tell(self, command: str, given: Mapping[str, Any]) -> None:
        run.tell(command, given)


_unmodified = _Unmodified()


def speaker() -> Any:
    """Who speaks to the room here: the innermost block, else the run; None where there is neither."""
    runtimes = sys.modules.get("iron_cage._runtime")
    runtime = runtimes.current_runtime() if runtimes is not None else None
    if runtime is not None:
        return runtime
    return _unmodified if run.place and run.token else None


def begin(name: str, given: Any) -> tuple[Any, Any]:
    """The use of a tool, and its arguments as they may be used; the use is None where nobody is to be told."""
    who = speaker()
    if who is None:
        return None, given
    from iron_cage._tools import _Use

    use = _Use(who, name[:200] or "tool")
    return use, use.begin(given)


@contextmanager
def telling(name: str) -> Iterator[None]:
    token = told.set(name)
    try:
        yield
    finally:
        told.reset(token)
