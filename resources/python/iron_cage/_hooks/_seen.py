"""Which hosts the agent went to, and what stood in between. A host is told when it is seen first, its calls now and then."""

from __future__ import annotations

import time

from . import part
from ._run import before_end, inside, named_service, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EVERY_SECONDS = 1.0
_MOST_NAMES = 4096
_MOST_HOSTS = 1000
_MOST_AT_ONCE = 200
_LONGEST = 270
_STREAM = 1

_names: dict[str, str] = {}
_known: set[tuple[str, str]] = set()
_untold: dict[tuple[str, str], int] = {}
_told_at = 0.0


def resolved(host: object, found: list[Any]) -> None:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return
    for *_, address in found:
        if len(_names) >= _MOST_NAMES:
            _names.clear()
        _names[address[0]] = host


def connecting(socket: Any, address: tuple[Any, ...]) -> None:
    if inside.get() or socket.type & 0xF != _STREAM:
        return
    host, port = address[0], address[1]
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    if isinstance(host, str) and not run.is_ours(host, port):
        name = _names.get(host, host)
        count(name, port, "breaker" if _is_in_block(name, port) else "none")


def _is_in_block(host: str, port: int) -> bool:
    """The SDK has opened a block for a service, whose hosts are these, or were never named."""
    service = named_service()
    return service is not None and part("_calls").has_host(service, host, port)


def count(host: str, port: int, covered: str) -> None:
    """`covered` is what stood in between: `gateway`, `breaker`, or `none`."""
    if not run.place:
        return
    shown = f"[{host}]" if ":" in host else host
    key = (f"{shown.lower()[: _LONGEST - 6]}:{port}", covered)
    is_new = key not in _known
    if is_new:
        if len(_known) >= _MOST_HOSTS:
            key = ("*:0", covered)
            is_new = key not in _known
        _known.add(key)
    _untold[key] = _untold.get(key, 0) + 1
    if is_new or time.monotonic() - _told_at >= _EVERY_SECONDS:
        tell()
    before_end(tell)


def tell() -> None:
    global _told_at
    _told_at = time.monotonic()
    told: list[dict[str, Any]] = []
    # Another thread may take its share meanwhile; nothing is told twice.
    while _untold and len(told) < _MOST_AT_ONCE:
        try:
            (host, covered), calls = _untold.popitem()
        except KeyError:
            break
        told.append({"host": host, "covered": covered, "calls": calls})
    if told:
        run.tell("destination.report", {"hosts": told})


def forget() -> None:
    """What a parent has counted is the parent's to tell."""
    _untold.clear()
    _known.clear()
