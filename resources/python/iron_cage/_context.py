"""Which block the code that runs at this moment stands in. Hooks read it; blocks write it."""

from __future__ import annotations

from contextvars import ContextVar, Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_scope: ContextVar[str | None] = ContextVar("iron_cage_scope", default=None)
#: The service whose breaker stands around what runs; what hooks see of it below is not counted once more.
service: ContextVar[str | None] = ContextVar("iron_cage_service", default=None)
_runtime: ContextVar[Any] = ContextVar("iron_cage_runtime", default=None)


def current_scope() -> str | None:
    """The innermost scope, or None outside of all of them."""
    return _scope.get()


def enter(runtime: object, scope: str | None) -> tuple[Token[Any], Token[str | None]]:
    return _runtime.set(runtime), _scope.set(scope)


def leave(tokens: tuple[Token[Any], Token[str | None]]) -> None:
    before, scope = tokens
    try:
        _runtime.reset(before)
        _scope.reset(scope)
    except ValueError:
        # A generator may be closed in another context than the one that began it; that one is gone with its values.
        pass
