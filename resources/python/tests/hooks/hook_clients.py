"""What agents call with, all alike. Read by the tests and put before the text of an agent."""

import asyncio
import json


def use(name):
    global call, ERROR, NAME
    NAME = name
    call, ERROR = globals()[name]()


def show(*what):
    print(json.dumps([NAME, what if len(what) > 1 else what[0]]), flush=True)


def got(status, text, headers):
    return [status, text, {name.lower(): value for name, value in headers.items()}.get("x-iron-cage-tier")]


def tried(*args, **options):
    """The answer, or what was raised: the names of its classes, its sentence, and what it came from."""
    try:
        return call(*args, **options)
    except Exception as problem:
        chain, one = [], problem
        while one is not None:
            chain.append(type(one).__name__)
            one = one.__cause__ or one.__context__
        return [isinstance(problem, ERROR), str(problem), "CircuitOpen" in chain]


def use_requests():
    import requests

    def call(url, method="GET", body=None, headers=None, proxy=None):
        proxies = {"http": proxy, "https": proxy} if proxy else None
        answer = requests.request(method, url, data=body, headers=headers, proxies=proxies, timeout=5)
        return got(answer.status_code, answer.text, answer.headers)

    return call, requests.ConnectionError


def use_urllib3():
    import urllib3

    pools = urllib3.PoolManager(retries=False, timeout=5)

    def call(url, method="GET", body=None, headers=None, proxy=None):
        manager = urllib3.ProxyManager(proxy, retries=False) if proxy else pools
        answer = manager.request(method, url, body=body, headers=headers)
        return got(answer.status, answer.data.decode(), answer.headers)

    return call, urllib3.exceptions.HTTPError


def httpx_sync(httpx):
    client = httpx.Client(timeout=5)

    def call(url, method="GET", body=None, headers=None, proxy=None):
        with httpx.Client(proxy=proxy, timeout=5) if proxy else httpx.Client(timeout=5) as own:
            answer = (own if proxy else client).request(method, url, content=body, headers=headers)
            return got(answer.status_code, answer.text, answer.headers)

    return call, httpx.ConnectError


def httpx_async(httpx):
    async def work(url, method, body, headers, proxy):
        async with httpx.AsyncClient(proxy=proxy, timeout=5) as client:
            answer = await client.request(method, url, content=body, headers=headers)
            return got(answer.status_code, answer.text, answer.headers)

    def call(url, method="GET", body=None, headers=None, proxy=None):
        return asyncio.run(work(url, method, body, headers, proxy))

    return call, httpx.ConnectError


def use_httpx():
    import httpx

    return httpx_sync(httpx)


def use_httpx_async():
    import httpx

    return httpx_async(httpx)


def use_httpx2():
    import httpx2

    return httpx_sync(httpx2)


def use_httpx2_async():
    import httpx2

    return httpx_async(httpx2)


def use_aiohttp():
    import aiohttp

    async def work(url, method, body, headers, proxy):
        session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5))
        async with session, session.request(method, url, data=body, headers=headers, proxy=proxy) as answer:
            return got(answer.status, await answer.text(), answer.headers)

    def call(url, method="GET", body=None, headers=None, proxy=None):
        return asyncio.run(work(url, method, body, headers, proxy))

    return call, aiohttp.ClientConnectionError


def use_urllib_request():
    import urllib.error
    import urllib.request

    def call(url, method="GET", body=None, headers=None, proxy=None):
        handler = urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else {})
        request = urllib.request.Request(url, body.encode() if isinstance(body, str) else body, headers or {}, method=method)
        try:
            with urllib.request.build_opener(handler).open(request, timeout=5) as answer:
                return got(answer.status, answer.read().decode(), answer.headers)
        except urllib.error.HTTPError as answer:
            return got(answer.code, answer.read().decode(), answer.headers)

    return call, urllib.error.URLError


def use_http_client():
    import http.client
    import urllib.parse

    def call(url, method="GET", body=None, headers=None, proxy=None):
        parts = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        if proxy:
            connection = kind(urllib.parse.urlsplit(proxy).netloc, timeout=5)
            connection.set_tunnel(parts.netloc)
        else:
            connection = kind(parts.netloc, timeout=5)
        connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, headers or {})
        answer = connection.getresponse()
        shown = got(answer.status, answer.read().decode(), answer.headers)
        connection.close()
        return shown

    return call, ConnectionError
