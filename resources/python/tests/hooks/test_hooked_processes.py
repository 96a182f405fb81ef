"""What the hooks do to a process, and what they leave as it is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hook_agents import PYTHON, Agents, Room, Service

HOOKED = "getattr(http.client.HTTPConnection.request, 'iron_cage', False)"


def test_nothing_is_loaded_that_the_program_did_not_ask_for(agents: Agents) -> None:
    # Modules of a start without us are what the machine has.
    text = "import sys; print(*sorted(name for name in sys.modules if name.split('.')[0] in {names}),"
    text += f" [path for path in sys.path if path.startswith({str(PYTHON)!r})])"
    names = "('requests', 'urllib3', 'httpx', 'aiohttp', 'asyncio', 'threading', 'socket', 'http', 'ssl', 'json', 're', 'iron_cage')"
    assert agents.run(text.replace("{names}", names)) == "[]\n"


@pytest.mark.parametrize(
    "text",
    [
        "import http.client",
        "from http.client import HTTPConnection; import http.client",
        "import importlib; http = type('', (), {'client': importlib.import_module('http.client')})",
        "import http.client, importlib; importlib.reload(http.client)",
        "import http.client, sys; del sys.modules['http.client'], http.client; import http.client",
        "import threading\ndef work():\n    global http\n    import http.client\nt = threading.Thread(target=work); t.start(); t.join()",
        "import http.client, importlib.util as u; s = u.find_spec('http.client'); http.client = u.module_from_spec(s);"
        " s.loader.exec_module(http.client)",
    ],
)
def test_however_it_is_imported(agents: Agents, text: str) -> None:
    assert agents.run(f"{text}\nprint({HOOKED})") == "True\n"


def test_what_a_sitecustomize_of_the_user_has_imported_is_hooked_as_well(agents: Agents, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import http.client\n")
    folders = f"{PYTHON / 'bootstrap'}:{tmp_path}"
    assert agents.run(f"import http.client\nprint({HOOKED})", PYTHONPATH=folders) == "True\n"


def test_modules_look_as_they_always_do(agents: Agents) -> None:
    text = """
import http.client, inspect, importlib.machinery, socket, sys, asyncio
module = http.client
assert type(module.__loader__) is type(module.__spec__.loader) is importlib.machinery.SourceFileLoader
assert "class HTTPConnection" in inspect.getsource(module)
assert inspect.signature(socket.getaddrinfo).parameters.keys() == {"host", "port", "family", "type", "proto", "flags"}
assert http.client.HTTPConnection.request.__doc__ and http.client.HTTPConnection.request.__name__ == "request"
print("as ever")
"""
    assert agents.run(text) == "as ever\n"


def test_the_sdk_is_there_and_an_installed_one_wins(agents: Agents, tmp_path: Path) -> None:
    assert agents.run("import iron_cage; print(iron_cage.__file__)") == f"{PYTHON / 'iron_cage' / '__init__.py'}\n"
    (tmp_path / "iron_cage.py").write_text("mine = True\n")
    folders = f"{PYTHON / 'bootstrap'}:{tmp_path}"
    assert agents.run("import iron_cage; print(iron_cage.mine)", PYTHONPATH=folders) == "True\n"


def test_other_folders_of_ours_are_nobodys_packages(agents: Agents) -> None:
    text = "import importlib.util as u; print([n for n in ('tests', 'examples', 'bootstrap', 'requirements') if u.find_spec(n)])"
    assert agents.run(text, flags=("-P",) if sys.version_info >= (3, 11) else ()) == "[]\n"


@pytest.mark.parametrize("flag", ["-S", "-I", "-E"])
def test_a_program_that_asks_for_nothing_gets_nothing(agents: Agents, flag: str) -> None:
    assert agents.run(f"import http.client; print({HOOKED})", flags=(flag,)) == "False\n"


# Sockets


def test_every_connection_is_seen_by_the_name_that_it_was_made_with(agents: Agents, service: Service, room: Room) -> None:
    text = f"""
import asyncio, socket, _socket
socket.create_connection(("localhost", {service.port})).close()
socket.create_connection(("127.0.0.1", {service.port})).close()
plain = _socket.socket(); plain.connect(("127.0.0.1", {service.port})); plain.close()
async def main():
    _, writer = await asyncio.open_connection("localhost", {service.port})
    writer.close()
asyncio.run(main())
"""
    agents.run(text)
    seen = room.destinations()
    # A name and its address are the same place: the name that was given last is shown.
    assert sum(seen.values()) >= 4
    assert {host for host, _ in seen} <= {f"localhost:{service.port}", f"127.0.0.1:{service.port}"} and set(dict(seen)) <= {
        (host, "none") for host, _ in seen
    }
    assert (f"localhost:{service.port}", "none") in seen


def test_refused_connections_to_named_services_by_hand_are_none_of_the_breakers(agents: Agents, service: Service, room: Room) -> None:
    agents.run(f"import socket; socket.create_connection(('127.0.0.1', {service.port})).close()")
    assert room.destinations() == {(service.host, "none"): 1}


def test_the_room_itself_is_no_destination(agents: Agents, gateway: Service, room: Room) -> None:
    agents.run(f"import socket; socket.create_connection(('127.0.0.1', {gateway.port})).close()")
    assert room.destinations() == {}


# Exceptions


def raised(room: Room) -> dict[str, object]:
    (one,) = room.until("agent.raise")
    return one


def test_an_uncaught_exception_is_told_and_shown_as_ever(agents: Agents, room: Room) -> None:
    text = "class Odd(ValueError): pass\ndef work():\n    raise Odd('of an invented lead')\nwork()"
    agents.run(text, code=1, errors=None)
    one = raised(room)
    assert (one["type"], one["message"], one["isHandled"], one["place"]) == ("Odd", "of an invented lead", False, "main")
    assert "in work" in str(one["traceback"])


def test_the_agents_own_hook_is_called_as_ever(agents: Agents, room: Room) -> None:
    text = "import sys; sys.excepthook = lambda *what: print('mine', what[0].__name__)\nraise KeyError('x')"
    assert agents.run(text, code=1) == "mine KeyError\n"
    assert raised(room)["type"] == "KeyError"


@pytest.mark.parametrize("text", ["raise SystemExit(1)", "import sys; sys.exit(1)", "raise KeyboardInterrupt", "import os; os._exit(1)"])
def test_endings_are_no_exceptions(agents: Agents, room: Room, text: str) -> None:
    agents.run(text, code=130 if "Keyboard" in text else 1, errors=None) if "Keyboard" not in text else ended(agents, text)
    assert room.all("agent.raise") == []


def ended(agents: Agents, text: str) -> None:
    # It ends as the signal would have ended it.
    with pytest.raises(AssertionError, match="KeyboardInterrupt"):
        agents.run(text, code=0, errors=None)


def test_a_threads_exception_is_told_whatever_hook_there_is(agents: Agents, room: Room) -> None:
    text = """
import threading
threading.excepthook = lambda what: print("mine", what.exc_type.__name__)
thread = threading.Thread(target=lambda: 1 / 0, name="invented")
thread.start(); thread.join()
quiet = threading.Thread(target=lambda: exit(3))
quiet.start(); quiet.join()
"""
    assert agents.run(text) == "mine ZeroDivisionError\nmine SystemExit\n"
    one = raised(room)
    assert (one["type"], one["isHandled"], one["place"]) == ("ZeroDivisionError", True, "thread invented")


@pytest.mark.parametrize("own", ["", "loop.set_exception_handler(lambda loop, context: print('mine', context['message']))"])
def test_what_a_loop_has_to_tell_is_told(agents: Agents, room: Room, own: str) -> None:
    text = f"""
import asyncio
async def main():
    loop = asyncio.get_running_loop()
    {own}
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
asyncio.run(main())
"""
    assert ("mine" in agents.run(text, errors=None)) == bool(own)
    assert (raised(room)["type"], raised(room)["place"]) == ("ZeroDivisionError", "asyncio")


def test_an_exception_that_cannot_be_shown_is_told_all_the_same(agents: Agents, room: Room) -> None:
    text = "class Odd(Exception):\n    __slots__ = ()\n    def __str__(self): return 1 / 0\nraise Odd"
    agents.run(text, code=1, errors=None)
    assert (raised(room)["type"], raised(room)["message"]) == ("Odd", "")


def test_long_ones_are_cut(agents: Agents, room: Room) -> None:
    agents.run("raise ValueError('\\udc80' + 'x' * 1_000_000)", code=1, errors=None)
    one = raised(room)
    assert len(str(one["message"])) == 10_000 and len(str(one["traceback"])) <= 100_000


# Programs that do what programs do


def test_nothing_is_left_open(agents: Agents, service: Service, room: Room) -> None:
    whole = "import http.client, urllib.request\nfor url in ({urls}): print(urllib.request.urlopen(url).read() != b'')\n" + (
        "c = http.client.HTTPSConnection('api.openai.com'); c.request('GET', '/v1/models'); print(c.getresponse().read() != b'')"
    )
    urls = f"'{service.url}/p', 'https://api.openai.com/v1/models'"
    assert agents.run(whole.replace("{urls}", urls), flags=("-W", "error", "-X", "dev")) == "True\n" * 3


FORKS = """
import json, os, urllib.request
def call(): return urllib.request.urlopen("{url}/p").status
call()
for _ in range(3):
    child = os.fork()
    if child == 0:
        try: os._exit(0 if call() == 200 else 1)
        finally: os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
print(call())
"""


def test_forked_children_speak_for_themselves(agents: Agents, service: Service, room: Room) -> None:
    assert agents.run(FORKS.replace("{url}", service.url), errors=None) == "200\n"
    assert len(room.all("service.begin")) == 5
    assert len({one["callId"] for one in room.until("service.end", 5)}) == 5


def test_threads_share_what_they_say(agents: Agents, service: Service, room: Room) -> None:
    text = f"""
import concurrent.futures, urllib.request
def call(_): return urllib.request.urlopen("{service.url}/p").read()
with concurrent.futures.ThreadPoolExecutor(16) as pool: print(len(set(pool.map(call, range(200)))))
"""
    assert agents.run(text) == "1\n"
    assert len(room.all("service.begin")) == 200
    assert len({one["callId"] for one in room.until("service.end", 200)}) == 200


def test_processes_that_are_started_are_hooked_too(agents: Agents, service: Service, room: Room) -> None:
    text = f"""
import multiprocessing, urllib.request
def call(_): return urllib.request.urlopen("{service.url}/p").status
if __name__ == "__main__":
    import subprocess, sys
    subprocess.run([sys.executable, "-c", "import urllib.request; print(urllib.request.urlopen('{service.url}/p').status)"])
"""
    assert agents.run(text) == "200\n"
    assert len(room.all("service.begin")) == 1


def test_a_daemon_that_closes_every_descriptor(agents: Agents, service: Service, room: Room) -> None:
    text = f"""
import os, tempfile, urllib.request
urllib.request.urlopen("{service.url}/p").read()
os.closerange(3, 4096)
file = tempfile.TemporaryFile()
for number in range(100, 110): os.dup2(file.fileno(), number)
print(urllib.request.urlopen("{service.url}/p").status, os.fstat(file.fileno()).st_size)
"""
    assert agents.run(text) == "200 0\n"


def test_green_threads(agents: Agents, service: Service, room: Room) -> None:
    pytest.importorskip("gevent")
    pytest.importorskip("requests")
    text = f"""
from gevent import monkey
monkey.patch_all()
import gevent, requests
jobs = [gevent.spawn(lambda: requests.get("{service.url}/p").status_code) for _ in range(20)]
gevent.joinall(jobs)
print({{job.value for job in jobs}})
"""
    assert agents.run(text, errors=None) == "{200}\n"
    assert len(room.all("service.begin")) == 20


def test_a_room_that_goes_away_in_between(agents: Agents, service: Service, room: Room) -> None:
    text = f"""
import sys, urllib.request
for _ in range(3): print(urllib.request.urlopen("{service.url}/p").status, flush=True)
"""
    seen = []

    def on_get(_: object) -> bool:
        seen.append(1)
        if len(seen) == 1:
            room.go()
        return False

    service.on_get = on_get
    assert agents.run(text) == "200\n200\n200\n"


def test_cancelled_tasks_are_nobodys_failure(agents: Agents, service: Service, room: Room) -> None:
    pytest.importorskip("httpx"), pytest.importorskip("aiohttp")
    from threading import Event

    over = Event()

    def hang(_: object) -> bool:
        over.wait(20)
        return False

    service.on_get = hang
    text = f"""
import asyncio, aiohttp, httpx
async def by_httpx():
    async with httpx.AsyncClient() as client: await client.get("{service.url}/p")
async def by_aiohttp():
    async with aiohttp.ClientSession() as session: await session.get("{service.url}/p")
async def main():
    for work in (by_httpx, by_aiohttp):
        try: await asyncio.wait_for(work(), 0.3)
        except asyncio.TimeoutError: print("late")
asyncio.run(main())
"""
    try:
        assert agents.run(text) == "late\nlate\n"
    finally:
        over.set()
    assert [one["outcome"] for one in room.until("service.end", 2)] == ["cancelled"] * 2


def test_last_words_arrive_before_the_end(agents: Agents, service: Service, room: Room) -> None:
    text = f"""
import socket, urllib.request
kept = urllib.request.urlopen("{service.url}/p")
kept.itself = kept
for _ in range(20): socket.create_connection(("127.0.0.1", {service.port})).close()
"""
    agents.run(text)
    assert room.destinations() == {(service.host, "none"): 20, (service.host, "breaker"): 1}
    assert [one["outcome"] for one in room.all("service.end")] == ["ok"]
    # It is the answer to this that says that all before it has been read.
    assert room.asked[-1][0] == "service.plan"


def test_redirects_are_calls_of_their_own(agents: Agents, service: Service, room: Room) -> None:
    pytest.importorskip("httpx"), pytest.importorskip("aiohttp"), pytest.importorskip("requests")
    from http.server import BaseHTTPRequestHandler

    def redirect(handler: object) -> bool:
        assert isinstance(handler, BaseHTTPRequestHandler)
        if handler.path != "/old":
            return False
        handler.send_response(302)
        handler.send_header("location", "/new")
        handler.send_header("content-length", "0")
        handler.end_headers()
        return True

    service.on_get = redirect
    text = f"""
import asyncio, aiohttp, httpx, requests, urllib3, urllib.request
url = "{service.url}/old"
print(requests.get(url).url, len(requests.get(url).history))
print(urllib3.PoolManager().request("GET", url).status)
print(httpx.get(url, follow_redirects=True).url.path)
print(urllib.request.urlopen(url).url)
async def main():
    async with aiohttp.ClientSession() as session, session.get(url) as answer: print(answer.url.path)
asyncio.run(main())
"""
    assert agents.run(text).split() == [f"{service.url}/new", "1", "200", "/new", f"{service.url}/new", "/new"]
    assert [one["endpoint"] for one in room.all("service.begin")] == ["/old", "/new"] * 6


def test_retries_of_a_library_are_one_call(agents: Agents, service: Service, room: Room) -> None:
    pytest.importorskip("requests")
    service.statuses = [503, 503, 200]
    text = f"""
import requests, urllib3
session = requests.Session()
session.mount("http://", requests.adapters.HTTPAdapter(max_retries=urllib3.Retry(3, status_forcelist=[503])))
print(session.get("{service.url}/p").status_code)
"""
    assert agents.run(text) == "200\n" and len(service.seen) == 3
    assert [one["outcome"] for one in room.until("service.end")] == ["ok"]


def test_adapters_and_transports_of_the_agents_own(agents: Agents, service: Service, room: Room) -> None:
    pytest.importorskip("requests"), pytest.importorskip("httpx")
    text = f"""
import httpx, requests
class Mine(requests.adapters.HTTPAdapter):
    def send(self, request, **options):
        print("mine")
        return super().send(request, **options)
class Own(requests.adapters.BaseAdapter):
    def send(self, request, **options):
        answer = requests.Response(); answer.status_code = 299
        return answer
    def close(self): pass
session = requests.Session()
session.mount("http://", Mine()); session.mount("own://", Own())
print(session.get("{service.url}/p").status_code, session.get("own://x/").status_code)
print(httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(298))).get("{service.url}/p").status_code)
class Outer(httpx.BaseTransport):
    def __init__(self): self.inner = httpx.HTTPTransport()
    def handle_request(self, request): return self.inner.handle_request(request)
print(httpx.Client(transport=Outer()).get("{service.url}/p").status_code)
"""
    assert agents.run(text) == "mine\n200 299\n298\n200\n"
    assert len(room.all("service.begin")) == 2


def test_compressed_answers_are_kept_as_they_are_read(agents: Agents, service: Service, room: Room) -> None:
    pytest.importorskip("httpx"), pytest.importorskip("aiohttp"), pytest.importorskip("requests")
    import gzip

    service.body, service.headers = gzip.compress(b'{"a": 1}'), {"content-encoding": "gzip"}
    text = f"""
import asyncio, aiohttp, httpx, requests
print(requests.get("{service.url}/p").json(), httpx.get("{service.url}/p").json())
async def main():
    async with aiohttp.ClientSession() as session, session.get("{service.url}/p") as answer: print(await answer.json())
asyncio.run(main())
"""
    assert agents.run(text) == "{'a': 1} {'a': 1}\n{'a': 1}\n"
    assert [one["value"] for one in room.until("service.end", 3)] == [{"a": 1}] * 3


def test_streamed_answers_are_not_kept(agents: Agents, service: Service, room: Room) -> None:
    pytest.importorskip("requests")
    text = f"import requests\nwith requests.get('{service.url}/p', stream=True) as answer: print(next(answer.iter_content(4)))"
    assert agents.run(text) == "b'{\"na'\n"
    (ended,) = room.until("service.end")
    assert ended["outcome"] == "ok" and "value" not in ended
