"""Calls of httpx to the providers of models, answered by the MockRuntime that they are made in; everything else goes its way."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from urllib.parse import urlsplit

from iron_cage.testing._exchange import Streamed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import ModuleType
    from typing import Any

    from iron_cage.testing.responses import Answer

    Serve = Callable[[str, Any], Answer | Streamed]

_LIBRARIES = ("httpx", "httpx2")
_HOSTS = ("api.openai.com", "api.anthropic.com")
_lock = Lock()
_users = 0
_originals: list[tuple[type[Any], str, Any]] = []


def begin(serve_for: Callable[[], Serve | None], *, is_loading: bool) -> None:
    """From now on; loads the libraries that are installed, where it is told to."""
    global _users
    with _lock:
        _users += 1
        for name in _LIBRARIES:
            known = name in sys.modules or (is_loading and find_spec(name) is not None)
            if known and not any(owner.__module__.partition(".")[0] == name for owner, _, _ in _originals):
                _patch(import_module(name), serve_for)


def end() -> None:
    """Puts everything back when the last one ends."""
    global _users
    with _lock:
        _users -= 1
        if _users == 0:
            for owner, name, original in _originals:
                setattr(owner, name, original)
            _originals.clear()


def is_provider(url: str) -> bool:
    host = urlsplit(url).hostname
    named = [os.environ.get(name, "") for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL")]
    return host in _HOSTS or host in [urlsplit(one).hostname for one in named if one]


def _patch(library: ModuleType, serve_for: Callable[[], Serve | None]) -> None:
    plain, waiting = library.HTTPTransport.handle_request, library.AsyncHTTPTransport.handle_async_request

    def handle_request(self: Any, request: Any) -> Any:
        serve = serve_for() if is_provider(str(request.url)) else None
        return plain(self, request) if serve is None else respond(library, serve, request)

    async def handle_async_request(self: Any, request: Any) -> Any:
        serve = serve_for() if is_provider(str(request.url)) else None
        return await waiting(self, request) if serve is None else await respond_async(library, serve, request)

    for owner, name, original, ours in (
        (library.HTTPTransport, "handle_request", plain, handle_request),
        (library.AsyncHTTPTransport, "handle_async_request", waiting, handle_async_request),
    ):
        setattr(owner, name, ours)
        _originals.append((owner, name, original))


def transport(library: ModuleType, serve: Serve) -> Any:
    """A transport for a client of one's own: whatever host it asks, the model answers."""

    def handle_request(_self: Any, request: Any) -> Any:
        return respond(library, serve, request)

    async def handle_async_request(_self: Any, request: Any) -> Any:
        return await respond_async(library, serve, request)

    methods = {"handle_request": handle_request, "handle_async_request": handle_async_request}
    return type("MockTransport", (library.BaseTransport, library.AsyncBaseTransport), methods)()


def respond(library: ModuleType, serve: Serve, request: Any) -> Any:
    answer = serve(str(request.url), _body(request.read()))
    content = answer.pieces if isinstance(answer, Streamed) else answer.body
    return library.Response(answer.status, headers=dict(answer.headers), content=content, request=request)


async def respond_async(library: ModuleType, serve: Serve, request: Any) -> Any:
    answer = serve(str(request.url), _body(await request.aread()))
    content = _async(answer.pieces) if isinstance(answer, Streamed) else answer.body
    return library.Response(answer.status, headers=dict(answer.headers), content=content, request=request)


async def _async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _body(data: bytes) -> Any:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
