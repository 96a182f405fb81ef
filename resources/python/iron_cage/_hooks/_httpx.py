"""httpx, and httpx2 that is made like it. The level is the transport: redirects, retries and signing above it stay as they are, and
so do transports of the agent's own."""

from __future__ import annotations

from ._calls import LARGEST_KEPT, Call, Instead, begin, circuit_open, service_of
from ._run import SCOPE_HEADER, inside, provider_path, run, scope
from ._seen import count
from ._urllib3 import count_direct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import ModuleType
    from typing import Any

_PORTS = {"http": 80, "https": 443}
_OTHER = "_iron_cage_gateway"


def patch(module: ModuleType) -> None:
    _patch_sync(module, module.HTTPTransport)
    _patch_async(module, module.AsyncHTTPTransport)


def _plan(module: ModuleType, transport: Any, request: Any) -> tuple[Any, Call | None]:
    """What is to be sent in place of the request, by whom where that is another; and the call where it is one of a service."""
    url = request.url
    host, port = url.host, url.port or _PORTS.get(url.scheme, 0)
    base = provider_path(url.scheme, host, port)
    path = url.raw_path.decode("ascii")
    if base is not None:
        assert run.base is not None
        count(host, port, "gateway")
        return _towards(module, request, run.base + base + path), None
    if (host, port) == run.gateway:
        count_direct(path)
        name = scope()
        if name is not None:
            request.headers[SCOPE_HEADER] = name
        return None, None
    service = service_of(host, port)
    if service is None:
        return None, None
    return None, begin(service, host, port, request.method, path, getattr(request, "_content", request))


def _towards(module: ModuleType, request: Any, address: str) -> Any:
    url = module.URL(address)
    headers = [(b"host", url.netloc)]
    headers += [(name, value) for name, value in request.headers.raw if name.lower() not in (b"host", SCOPE_HEADER.encode())]
    name = scope()
    if name is not None:
        headers.append((SCOPE_HEADER.encode(), name.encode()))
    # How it is reached says nothing of how the other is.
    extensions = {name: value for name, value in request.extensions.items() if name not in ("sni_hostname", "target")}
    return module.Request(request.method, url, headers=headers, stream=request.stream, extensions=extensions)


def _is_callers_fault(module: ModuleType, problem: BaseException) -> bool:
    faults = (module.UnsupportedProtocol, module.LocalProtocolError, module.PoolTimeout)
    return isinstance(problem, faults) or not isinstance(problem, module.TransportError | OSError)


def _refusal(module: ModuleType, call: Call, request: Any) -> Exception:
    problem: Exception = module.ConnectError(call.reason, request=request)
    problem.__cause__ = circuit_open(call)
    return problem


def _response(module: ModuleType, instead: Instead, request: Any) -> Any:
    body = b"" if request.method == "HEAD" else instead.body
    return module.Response(200, headers=instead.headers, stream=module.ByteStream(body), extensions={"http_version": b"HTTP/1.1"})


def _patch_sync(module: ModuleType, transport: Any) -> None:
    plain, close, leave = transport.handle_request, transport.close, transport.__exit__
    if getattr(plain, "iron_cage", False):
        return

    def handle_request(self: Any, request: Any) -> Any:
        if inside.get():
            return plain(self, request)
        try:
            other, call = _plan(module, self, request)
        except Exception:
            return plain(self, request)
        if other is not None:
            gateway = self.__dict__.get(_OTHER) or self.__dict__.setdefault(_OTHER, transport(trust_env=False))
            return _within(plain, gateway, other)
        if call is None:
            return plain(self, request)
        if call.instead is not None:
            return _response(module, call.instead, request)
        if call.is_refused:
            raise _refusal(module, call, request)
        try:
            response = _within(plain, self, request)
        except BaseException as problem:
            instead = call.failed(problem, _is_callers_fault(module, problem))
            if instead is None or not isinstance(problem, Exception):
                raise
            return _response(module, instead, request)
        instead = call.answered(response.status_code, response.headers)
        if instead is not None:
            response.close()
            return _response(module, instead, request)
        if call.wants_body:
            response.stream = _sync_stream(module)(response.stream, _Copy(call, response.headers))
        return response

    def close_(self: Any) -> None:
        _drop(self, close)
        close(self)

    def leave_(self: Any, *args: Any) -> Any:
        _drop(self, close)
        return leave(self, *args)

    _put(transport, (handle_request, plain), (close_, close), (leave_, leave))


def _patch_async(module: ModuleType, transport: Any) -> None:
    plain, close, leave = transport.handle_async_request, transport.aclose, transport.__aexit__
    if getattr(plain, "iron_cage", False):
        return

    async def handle_async_request(self: Any, request: Any) -> Any:
        if inside.get():
            return await plain(self, request)
        try:
            other, call = _plan(module, self, request)
        except Exception:
            return await plain(self, request)
        if other is not None:
            gateway = self.__dict__.get(_OTHER) or self.__dict__.setdefault(_OTHER, transport(trust_env=False))
            return await _awaited_within(plain, gateway, other)
        if call is None:
            return await plain(self, request)
        if call.instead is not None:
            return _response(module, call.instead, request)
        if call.is_refused:
            raise _refusal(module, call, request)
        try:
            response = await _awaited_within(plain, self, request)
        except BaseException as problem:
            instead = call.failed(problem, _is_callers_fault(module, problem))
            if instead is None or not isinstance(problem, Exception):
                raise
            return _response(module, instead, request)
        instead = call.answered(response.status_code, response.headers)
        if instead is not None:
            await response.aclose()
            return _response(module, instead, request)
        if call.wants_body:
            response.stream = _async_stream(module)(response.stream, _Copy(call, response.headers))
        return response

    async def close_(self: Any) -> None:
        other = self.__dict__.pop(_OTHER, None)
        if other is not None:
            await close(other)
        await close(self)

    async def leave_(self: Any, *args: Any) -> Any:
        other = self.__dict__.pop(_OTHER, None)
        if other is not None:
            await close(other)
        return await leave(self, *args)

    _put(transport, (handle_async_request, plain), (close_, close), (leave_, leave))


def _put(transport: Any, *pairs: tuple[Any, Any]) -> None:
    for ours, plain in pairs:
        ours.__name__, ours.__qualname__, ours.__doc__ = plain.__name__, plain.__qualname__, plain.__doc__
        ours.iron_cage = True
        setattr(transport, plain.__name__, ours)


def _drop(transport: Any, close: Any) -> None:
    other = transport.__dict__.pop(_OTHER, None)
    if other is not None:
        close(other)


def _within(plain: Any, transport: Any, request: Any) -> Any:
    mark = inside.set(True)
    try:
        return plain(transport, request)
    finally:
        inside.reset(mark)


async def _awaited_within(plain: Any, transport: Any, request: Any) -> Any:
    mark = inside.set(True)
    try:
        return await plain(transport, request)
    finally:
        inside.reset(mark)


class _Copy:
    """Of what passes, as long as it is small enough to be kept."""

    def __init__(self, call: Call, headers: Any) -> None:
        self.call = call
        self.encoding = (headers.get("content-encoding") or "identity").strip().lower()
        self.parts: list[bytes] | None = [] if self.encoding in ("identity", "gzip", "deflate") else None
        self.size = 0

    def take(self, part: bytes) -> None:
        self.size += len(part)
        if self.size > LARGEST_KEPT:
            self.parts = None
        elif self.parts is not None:
            self.parts.append(part)

    def whole(self) -> None:
        if self.parts is None:
            self.call.end()
        else:
            self.call.body(self._decoded(b"".join(self.parts)))

    def _decoded(self, data: bytes) -> bytes | None:
        if self.encoding == "identity":
            return data
        import zlib

        try:
            opened = zlib.decompressobj(zlib.MAX_WBITS | 32)
            plain = opened.decompress(data, LARGEST_KEPT + 1)
            return plain if opened.eof else None
        except zlib.error:
            return None


_streams: dict[tuple[ModuleType, str], Any] = {}


def _sync_stream(module: ModuleType) -> Any:
    """Each library asks for a stream of its own kind."""
    if (module, "sync") not in _streams:

        class Stream(module.SyncByteStream):  # type: ignore[misc, name-defined]
            def __init__(self, stream: Any, copy: _Copy) -> None:
                self.stream, self.copy = stream, copy

            def __iter__(self) -> Iterator[bytes]:
                try:
                    for part in self.stream:
                        self.copy.take(part)
                        yield part
                except GeneratorExit:
                    # It is read as far as it is wanted.
                    self.copy.call.end()
                    raise
                except BaseException as problem:
                    self.copy.call.failed(problem)
                    raise
                self.copy.whole()

            def close(self) -> None:
                self.copy.call.end()
                self.stream.close()

        _streams[module, "sync"] = Stream
    return _streams[module, "sync"]


def _async_stream(module: ModuleType) -> Any:
    if (module, "async") not in _streams:

        class Stream(module.AsyncByteStream):  # type: ignore[misc, name-defined]
            def __init__(self, stream: Any, copy: _Copy) -> None:
                self.stream, self.copy = stream, copy

            async def __aiter__(self) -> AsyncIterator[bytes]:
                try:
                    async for part in self.stream:
                        self.copy.take(part)
                        yield part
                except GeneratorExit:
                    # It is read as far as it is wanted.
                    self.copy.call.end()
                    raise
                except BaseException as problem:
                    self.copy.call.failed(problem)
                    raise
                self.copy.whole()

            async def aclose(self) -> None:
                self.copy.call.end()
                await self.stream.aclose()

        _streams[module, "async"] = Stream
    return _streams[module, "async"]
