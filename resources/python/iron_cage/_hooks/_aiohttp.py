"""aiohttp. Our place is the innermost of its client middlewares, which see each request on its way, redirected ones as well; versions
before 3.12 have none, and their connections are listed as seen."""

from __future__ import annotations

from ._calls import Call, Instead, begin, circuit_open, service_of
from ._run import inside, provider_path, run, scope
from ._seen import count
from ._urllib3 import count_direct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def patch(module: ModuleType) -> None:
    session = module.ClientSession
    plain = session._request
    if getattr(plain, "iron_cage", False) or not hasattr(module, "build_client_middlewares"):
        return

    async def ours(request: Any, handler: Any) -> Any:
        return await _pass(module, request, handler)

    async def _request(self: Any, *args: Any, **options: Any) -> Any:
        given = options.get("middlewares")
        options["middlewares"] = (*(self._middlewares if given is None else given), ours)
        return await plain(self, *args, **options)

    _request.__doc__ = plain.__doc__
    _request.__qualname__ = plain.__qualname__
    _request.__wrapped__ = plain  # type: ignore[attr-defined]
    _request.iron_cage = True  # type: ignore[attr-defined]
    session._request = _request


async def _pass(module: ModuleType, request: Any, handler: Any) -> Any:
    if inside.get():
        return await handler(request)
    try:
        call, is_gateway = _plan(module, request)
    except Exception:
        return await handler(request)
    if call is None:
        return await (_within(handler, request) if is_gateway else handler(request))
    if call.instead is not None:
        return _response(module, call.instead, request)
    if call.is_refused:
        raise module.ClientConnectionError(call.reason) from circuit_open(call)
    try:
        response = await _within(handler, request)
    except BaseException as problem:
        faults = (module.InvalidURL, module.NonHttpUrlClientError)
        is_ours = isinstance(problem, module.ClientError | OSError | TimeoutError | module.asyncio.TimeoutError)
        instead = call.failed(problem, not is_ours or isinstance(problem, faults))
        if instead is None or not isinstance(problem, Exception):
            raise
        return _response(module, instead, request)
    instead = call.answered(response.status, response.headers)
    if instead is not None:
        response.close()
        return _response(module, instead, request)
    if call.wants_body:
        _keep(response, call)
    return response


def _plan(module: ModuleType, request: Any) -> tuple[Call | None, bool]:
    url = request.url
    host, port = url.host or "", url.port or 0
    # A WebSocket goes by http as well, and the gateway has none.
    is_upgrade = "upgrade" in request.headers
    base = None if is_upgrade else provider_path(url.scheme, host, port)
    if base is not None and _is_network(module, request):
        count(host, port, "gateway")
        _turn(request, type(url)(f"{run.base}{base}{url.raw_path_qs}", encoded=True))
        return None, True
    if (host, port) == run.gateway:
        count_direct(url.raw_path)
        _name(request)
        return None, True
    service = None if is_upgrade else service_of(host, port)
    if service is None:
        return None, False
    return begin(service, host, port, request.method, url.raw_path_qs, _body_of(request)), False


def _is_network(module: ModuleType, request: Any) -> bool:
    """A connector of another kind goes where no address says."""
    session = getattr(request, "_session", None)
    return session is None or isinstance(session.connector, module.TCPConnector)


def _turn(request: Any, address: Any) -> None:
    """No proxy is asked on the way, and what is said of certificates is for the other host."""
    request.url = address
    request.proxy = request.proxy_auth = request.proxy_headers = None
    request.headers["Host"] = f"{address.host}:{address.port}"
    _name(request)


def _name(request: Any) -> None:
    name = scope()
    if name is not None:
        request.headers["x-iron-cage-scope"] = name


def _body_of(request: Any) -> object:
    body = getattr(request, "_body", None)
    if body is None or body == b"":
        return b""
    # A payload has its bytes under the name that they were given by.
    return body if isinstance(body, bytes) else getattr(body, "_value", request)


async def _within(handler: Any, request: Any) -> Any:
    mark = inside.set(True)
    try:
        return await handler(request)
    finally:
        inside.reset(mark)


_kinds: dict[Any, Any] = {}


def _keep(response: Any, call: Call) -> None:
    kind = type(response)
    if kind not in _kinds:
        plain = kind.read

        async def read(self: Any) -> Any:
            call: Call = self._iron_cage_call
            try:
                data = await plain(self)
            except BaseException as problem:
                call.failed(problem)
                raise
            call.body(data)
            return data

        _kinds[kind] = type(kind.__name__, (kind,), {"read": read, "__module__": kind.__module__, "__qualname__": kind.__qualname__})
    response._iron_cage_call = call
    response.__class__ = _kinds[kind]


class _Sent:
    """What a request tells of itself when it is on its way; this one never was."""

    output_size = 0


def _response(module: ModuleType, instead: Instead, request: Any) -> Any:
    from inspect import signature

    from aiohttp import HttpVersion11, RequestInfo, StreamReader
    from aiohttp.base_protocol import BaseProtocol
    from aiohttp.helpers import TimerNoop
    from multidict import CIMultiDict, CIMultiDictProxy

    loop = module.asyncio.get_running_loop()
    headers = CIMultiDictProxy(CIMultiDict(instead.headers))
    given = {
        "writer": None,
        "continue100": None,
        "timer": TimerNoop(),
        "request_info": RequestInfo(request.url, request.method, CIMultiDictProxy(request.headers), request.url),
        "traces": [],
        "loop": loop,
        "session": getattr(request, "_session", None),
        "stream_writer": _Sent(),
    }
    kind = request.response_class
    takes = signature(kind.__init__).parameters
    response = kind(request.method, request.url, **{name: value for name, value in given.items() if name in takes})
    response.version, response.status, response.reason = HttpVersion11, 200, "OK"
    response._headers = headers
    response._raw_headers = tuple((name.encode(), value.encode()) for name, value in instead.headers.items())
    response.content = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    if request.method != "HEAD":
        response.content.feed_data(instead.body)
    response.content.feed_eof()
    return response
