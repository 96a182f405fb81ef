"""http.client, and urllib.request on it. Only `request` and `getresponse` are looked at; what is put together by hand is seen by its
socket alone."""

from __future__ import annotations

from ._calls import Call, Instead, begin, circuit_open, service_of
from ._run import SCOPE_HEADER, inside, provider_path, run, scope, split
from ._seen import count
from ._urllib3 import count_direct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_STATE = "_iron_cage_state"


def patch(module: ModuleType) -> None:
    connection = module.HTTPConnection
    request, getresponse, close = connection.request, connection.getresponse, connection.close
    if getattr(request, "iron_cage", False):
        return

    def request_(self: Any, method: str, url: str, body: Any = None, headers: Any = None, **options: Any) -> Any:
        headers = {} if headers is None else headers
        # One connection is used again and again.
        self.__dict__.pop(_STATE, None)
        if inside.get():
            return request(self, method, url, body, headers, **options)
        try:
            scheme, host, port, path = _target(module, self, url)
            base = provider_path(scheme, host, port)
            service = None if base else service_of(host, port)
        except Exception:
            return request(self, method, url, body, headers, **options)
        if base is not None:
            count(host, port, "gateway")
            other = _at_gateway(module, self, base + path)
            setattr(self, _STATE, other)
            return _inside(other.request, method, other.iron_cage_path, body, _named(headers, True), **options)
        if (host, port) == run.gateway:
            count_direct(path)
            return request(self, method, url, body, _named(headers, False), **options)
        call = None if service is None else begin(service, host, port, method, path, body)
        if call is None:
            return request(self, method, url, body, headers, **options)
        if call.is_refused:
            raise ConnectionError(call.reason) from circuit_open(call)
        setattr(self, _STATE, call)
        if call.instead is not None:
            return None
        try:
            return _inside(request, self, method, url, body, headers, **options)
        except BaseException as problem:
            call.instead = call.failed(problem, not isinstance(problem, OSError | module.HTTPException))
            if call.instead is None or not isinstance(problem, Exception):
                raise
            return None

    def getresponse_(self: Any) -> Any:
        state = self.__dict__.pop(_STATE, None)
        if not isinstance(state, Call):
            return getresponse(self) if state is None else _last(state, _inside(getresponse, state))
        if state.instead is not None:
            close(self)
            return _response(module, state.instead, state.method)
        try:
            response = _inside(getresponse, self)
        except BaseException as problem:
            instead = state.failed(problem, not isinstance(problem, OSError | module.HTTPException))
            if instead is None or not isinstance(problem, Exception):
                raise
            close(self)
            return _response(module, instead, state.method)
        instead = state.answered(response.status, response.headers)
        if instead is not None:
            response.close()
            close(self)
            return _response(module, instead, state.method)
        if state.wants_body:
            _keep(response, state)
        return response

    def close_(self: Any) -> None:
        state = self.__dict__.pop(_STATE, None)
        if isinstance(state, connection):
            state.close()
        close(self)

    replaced: tuple[tuple[Any, Any], ...] = ((request_, request), (getresponse_, getresponse), (close_, close))
    for ours, plain in replaced:
        ours.__name__, ours.__qualname__, ours.__doc__ = plain.__name__, plain.__qualname__, plain.__doc__
        ours.iron_cage = True
        setattr(connection, plain.__name__, ours)


def _inside(work: Any, *args: Any, **options: Any) -> Any:
    mark = inside.set(True)
    try:
        return work(*args, **options)
    finally:
        inside.reset(mark)


def _target(module: ModuleType, connection: Any, url: str) -> tuple[str, str, int, str]:
    if "://" in url.partition("/")[0] + "//" and not url.startswith("/"):
        return split(url)
    is_secure = isinstance(connection, module.HTTPSConnection)
    # Through a tunnel it is connected with a proxy.
    host = getattr(connection, "_tunnel_host", None) or connection.host
    port = (getattr(connection, "_tunnel_port", None) if host != connection.host else connection.port) or connection.default_port
    return "https" if is_secure else "http", host, port, url or "/"


def _at_gateway(module: ModuleType, connection: Any, path: str) -> Any:
    assert run.base is not None and run.gateway is not None
    timeout = connection.timeout
    other = module.HTTPConnection(*run.gateway, **({} if timeout is None or not isinstance(timeout, int | float) else {"timeout": timeout}))
    other.iron_cage_path = split(run.base)[3] + path
    return other


def _last(other: Any, response: Any) -> Any:
    """Nobody uses the connection again, and nobody would close it; what is to come of the answer comes all the same."""
    if other.sock is not None:
        other.sock.close()
        other.sock = None
    return response


def _named(headers: Any, is_other_host: bool) -> dict[str, str]:
    named = {name: value for name, value in dict(headers).items() if not (is_other_host and name.lower() in ("host", "connection"))}
    if is_other_host:
        named["Connection"] = "close"
    name = scope()
    if name is not None:
        named[SCOPE_HEADER] = name
    return named


_kinds: dict[Any, Any] = {}


def _keep(response: Any, call: Call) -> None:
    """Most read the whole of it at once; whoever reads it in pieces has them as they come, and nothing is kept."""
    kind = type(response)
    if kind not in _kinds:
        plain = kind.read

        def read(self: Any, amt: int | None = None) -> Any:
            call: Call = self._iron_cage_call
            if amt is not None or not call.wants_body:
                call.end()
                return plain(self, amt)
            try:
                data = plain(self)
            except BaseException as problem:
                call.failed(problem)
                raise
            call.body(data)
            return data

        _kinds[kind] = type(kind.__name__, (kind,), {"read": read, "__module__": kind.__module__, "__qualname__": kind.__qualname__})
    response._iron_cage_call = call
    response.__class__ = _kinds[kind]


class _Bytes:
    """A socket that has said all it will say."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def makefile(self, *_: Any, **__: Any) -> Any:
        from io import BytesIO

        return BytesIO(self.data)


def _response(module: ModuleType, instead: Instead, method: str) -> Any:
    head = "".join(f"{name}: {value}\r\n" for name, value in instead.headers.items())
    body = b"" if method == "HEAD" else instead.body
    response = module.HTTPResponse(_Bytes(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body), method=method)
    response.begin()
    return response
