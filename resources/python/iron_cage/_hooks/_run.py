"""The run that this process belongs to: its addresses, and how to ask the room."""

from __future__ import annotations

import atexit
import os
import sys
import time
from contextvars import ContextVar

from . import environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    Address: TypeAlias = tuple[str, int]

PROVIDERS = {"api.openai.com": "/openai", "api.anthropic.com": "/anthropic"}
_PORTS = {"http": 80, "https": 443}

# A room that is gone is known at once. One that is there answers within a millisecond, or is very busy; it is not waited for each time.
_ASK_SECONDS = 3.0
_LEAVE_SECONDS = 1.0
_FIRST_SILENCE = 1.0
_LAST_SILENCE = 60.0

#: The header by which a call to the gateway names its scope.
SCOPE_HEADER = "x-iron-cage-scope"

#: Set while a call is under way that has been counted: what libraries do below it is not counted again.
inside: ContextVar[bool] = ContextVar("iron_cage_inside", default=False)
#: Set where whoever calls reads the answer's body at once, and shows it to us.
reads_body: ContextVar[bool] = ContextVar("iron_cage_reads_body", default=False)


def split(address: str) -> tuple[str, str, int, str]:
    """Scheme, host, port, and the path with its query; raises ValueError for what is none."""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    return parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class _Run:
    def __init__(self) -> None:
        self.read()

    def read(self) -> None:
        self.place = environment.get("IRON_CAGE_BRIDGE")
        self.token = environment.get("IRON_CAGE_RUN_TOKEN")
        #: Of the gateway, as `http://127.0.0.1:40000/run/…`; None where there is none.
        self.base: str | None = None
        self.gateway: Address | None = None
        self.room: Address | None = None
        self.quiet_until = 0.0
        self.silence = _FIRST_SILENCE
        if not self.token:
            return
        mark = f"/run/{self.token}/"
        for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL"):
            before, found, _ = environment.get(name, "").partition(mark)
            if found:
                self.base = before + mark[:-1]
                self.gateway = split(before)[1:3]
                break
        room = environment.get("IRON_CAGE_URL")
        if room:
            self.room = split(room)[1:3]

    def is_ours(self, host: str, port: int) -> bool:
        return (host, port) in (self.gateway, self.room)

    def wire(self) -> Any:
        if not self.place or not self.token or time.monotonic() < self.quiet_until:
            return None
        from iron_cage._wire import shared_with

        return shared_with(self.place, self.token)

    def ask(self, command: str, given: Mapping[str, Any], seconds: float = _ASK_SECONDS) -> dict[str, Any] | None:
        """None where the room does not answer, or refuses: then it is as if there were none."""
        try:
            wire = self.wire()
            if wire is None:
                return None
            answer: dict[str, Any] = wire.ask(command, given, timeout=seconds)
        except Exception as problem:
            # A refusal is an answer as well.
            if getattr(problem, "code", "UNAVAILABLE") == "UNAVAILABLE":
                self.quiet_until = time.monotonic() + self.silence
                self.silence = min(self.silence * 2, _LAST_SILENCE)
            return None
        self.silence = _FIRST_SILENCE
        return answer

    def tell(self, command: str, given: Mapping[str, Any]) -> None:
        try:
            wire = self.wire()
            if wire is not None:
                wire.tell(command, given)
        except Exception:
            pass


run = _Run()


def _after_in_child() -> None:
    seen = sys.modules.get(f"{__package__}._seen")
    if seen is not None:
        seen.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_in_child)


_last_words: list[Callable[[], None]] = []


def _at_exit() -> None:
    for say in _last_words:
        try:
            say()
        except Exception:
            pass
    # What was told is read once this is answered; a run that is over is not listened to.
    run.ask("service.plan", {}, _LEAVE_SECONDS)


def before_end(say: Callable[[], None]) -> None:
    """Called before the connection says its own farewell, for which that has to be there by now; once for each."""
    if say in _last_words or "iron_cage._wire" not in sys.modules:
        return
    if not _last_words:
        atexit.register(_at_exit)
    _last_words.append(say)


def provider_path(scheme: str, host: str, port: int) -> str | None:
    """What of the gateway stands for this host; None where the host is no provider's, or there is no gateway."""
    if run.base is None or _PORTS.get(scheme) != port:
        return None
    return PROVIDERS.get(host.lower().rstrip("."))


def named_service() -> str | None:
    """The service for whose call the SDK has opened a block, if any."""
    context = sys.modules.get("iron_cage._context")
    current = getattr(context, "service", None)
    return current.get() if current is not None else None


def scope() -> str | None:
    """The innermost scope, where the agent uses the SDK."""
    context = sys.modules.get("iron_cage._context")
    return context.current_scope() if context is not None else None
