"""urllib3, and what stands on it."""

from __future__ import annotations

import os

from ._calls import Call, Instead, begin, circuit_open, service_of
from ._run import PROVIDERS, inside, provider_path, reads_body, run, scope, split
from ._seen import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

#: Where a library above takes a call that waits for its answer's body.
PENDING = "_iron_cage_call"

_pools: dict[int, Any] = {}


def patch(module: ModuleType) -> None:
    pool = module.HTTPConnectionPool
    plain = pool.urlopen
    if getattr(plain, "iron_cage", False):
        return

    def urlopen(self: Any, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **options: Any) -> Any:
        if inside.get():
            return plain(self, method, url, body, headers, *args, **options)
        try:
            scheme, host, port, path = _target(self, url)
            base = provider_path(scheme, host, port)
            service = None if base else service_of(host, port)
        except Exception:
            return plain(self, method, url, body, headers, *args, **options)
        if base is not None:
            count(host, port, "gateway")
            if not args:
                options = {"retries": self.retries, "timeout": self.timeout, **options}
            return _at_gateway(base, path, method, body, self.headers if headers is None else headers, args, options)
        if (host, port) == run.gateway:
            count_direct(path)
            named = _named(self.headers if headers is None else headers)
            return plain(self, method, url, body, named, *args, **options)
        if service is None:
            return plain(self, method, url, body, headers, *args, **options)
        call = begin(service, host, port, method, path, body)
        mark = inside.set(True)
        try:
            if call is None:
                return plain(self, method, url, body, headers, *args, **options)
            return _through(call, lambda: plain(self, method, url, body, headers, *args, **options), method, url, args, options)
        finally:
            inside.reset(mark)

    urlopen.__doc__ = plain.__doc__
    urlopen.__wrapped__ = plain  # type: ignore[attr-defined]
    urlopen.iron_cage = True  # type: ignore[attr-defined]
    pool.urlopen = urlopen


def _target(pool: Any, url: str) -> tuple[str, str, int, str]:
    """A pool of a proxy is asked with the whole address."""
    if not url.startswith("/") and "://" in url:
        return split(url)
    return pool.scheme, pool.host, pool.port or (443 if pool.scheme == "https" else 80), url if url.startswith("/") else f"/{url}"


def count_direct(path: str) -> None:
    host = next((host for host, below in PROVIDERS.items() if f"{below}/" in path), None)
    if host is not None:
        count(host, 443, "gateway")


def _named(headers: Any) -> Any:
    name = scope()
    if name is None:
        return headers
    named = headers.copy() if hasattr(headers, "copy") else dict(headers or {})
    named["x-iron-cage-scope"] = name
    return named


def _at_gateway(base: str, path: str, method: str, body: Any, headers: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """No proxy is asked on the way, and what is said of certificates is for the other host."""
    assert run.base is not None and run.gateway is not None
    pools = _pools.get(os.getpid())
    if pools is None:
        import urllib3

        _pools.clear()
        pools = _pools[os.getpid()] = urllib3.PoolManager(retries=False)
    named = _named(headers)
    for name in [name for name in named or () if name.lower() == "host"]:
        if named is headers:
            named = named.copy()
        del named[name]
    pool = pools.connection_from_host(*run.gateway, scheme="http")
    mark = inside.set(True)
    try:
        return pool.urlopen(method, split(run.base)[3] + base + path, body, named, *args, **options)
    finally:
        inside.reset(mark)


def _through(call: Call, plain: Any, method: str, url: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    from urllib3.exceptions import HTTPError, LocationValueError, ProtocolError

    # It stands behind `retries`, `redirect`, `assert_same_host`, `timeout`, `pool_timeout`, `release_conn`, `chunked` and `body_pos`.
    is_whole = bool(options.get("preload_content", True))
    if call.instead is not None:
        return _response(call.instead, method, url, is_whole)
    if call.is_refused:
        raise ProtocolError(call.reason) from circuit_open(call)
    try:
        response = plain()
    except BaseException as problem:
        is_ours = isinstance(problem, HTTPError | OSError) and not isinstance(problem, LocationValueError)
        instead = call.failed(problem, not is_ours)
        if instead is None or not isinstance(problem, Exception):
            raise
        return _response(instead, method, url, is_whole)
    instead = call.answered(response.status, response.headers)
    if instead is not None:
        if not is_whole:
            response.close()
        return _response(instead, method, url, is_whole)
    if call.wants_body:
        if is_whole:
            call.body(response.data)
        elif reads_body.get():
            setattr(response, PENDING, call)
        else:
            call.end()
    return response


def _response(instead: Instead, method: str, url: str, is_whole: bool) -> Any:
    from io import BytesIO

    from urllib3.response import HTTPResponse

    return HTTPResponse(
        body=BytesIO(b"" if method.upper() == "HEAD" else instead.body),
        headers=instead.headers,
        status=200,
        version=11,
        reason="OK",
        preload_content=is_whole,
        request_method=method,
        request_url=url,
    )
