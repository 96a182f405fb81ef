"""Calls to the hosts of model providers lead to the gateway, whatever the agent says of base URLs and proxies."""

from __future__ import annotations

from pathlib import Path

import pytest
from hook_agents import TOKEN, Agents, Room, Service

RUN = f"/run/{TOKEN}"
SCOPED = "from iron_cage import _context\n_context.enter(None, 'scope-7a3f9c2d01b2')\n"


def test_provider_hosts_lead_to_the_gateway(agents: Agents, gateway: Service, room: Room) -> None:
    headers = {"Authorization": "Bearer sk-invented", "X-Mine": "1"}
    shown = agents.calls(
        f"show(call('https://api.openai.com/v1/chat/completions?q=1', 'POST', '{{}}', {headers})[0])\n"
        "show(call('https://api.anthropic.com/v1/messages', 'POST', '{}', {'x-api-key': 'invented', 'Host': 'api.anthropic.com'})[0])",
    )
    assert shown == {name: [200, 200] for name in agents.clients}
    paths = [f"{RUN}/openai/v1/chat/completions?q=1", f"{RUN}/anthropic/v1/messages"]
    assert [seen["path"] for seen in gateway.seen] == paths * len(agents.clients)
    for first in (seen["headers"] for seen in gateway.seen[0::2]):
        assert (first["authorization"], first["x-mine"], first["host"]) == ("Bearer sk-invented", "1", gateway.host)
        assert "x-iron-cage-scope" not in first
    for second in (seen["headers"] for seen in gateway.seen[1::2]):
        assert (second["x-api-key"], second["host"]) == ("invented", gateway.host)
    assert {seen["body"] for seen in gateway.seen} == {"{}"}
    number = len(agents.clients)
    assert room.destinations() == {("api.openai.com:443", "gateway"): number, ("api.anthropic.com:443", "gateway"): number}


def test_no_proxy_is_asked_on_the_way(agents: Agents, gateway: Service, service: Service) -> None:
    shown = agents.calls(f"show(call('https://api.openai.com/v1/models', proxy='{service.url}')[0])")
    assert shown == {name: [200] for name in agents.clients} and service.seen == []
    assert [seen["path"] for seen in gateway.seen] == [f"{RUN}/openai/v1/models"] * len(agents.clients)


def test_the_scope_goes_along(agents: Agents, gateway: Service, room: Room) -> None:
    direct = f"{gateway.url}{RUN}/openai/v1/chat/completions"
    agents.calls(f"{SCOPED}call('{direct}', 'POST', '{{}}')\ncall('https://api.openai.com/v1/chat/completions', 'POST', '{{}}')")
    number = 2 * len(agents.clients)
    assert [seen["headers"].get("x-iron-cage-scope") for seen in gateway.seen] == ["scope-7a3f9c2d01b2"] * number
    assert room.destinations() == {("api.openai.com:443", "gateway"): number}


def test_environment_files_come_too_late(agents: Agents, gateway: Service) -> None:
    elsewhere = (
        "import os\nfor name in list(os.environ):\n    if name.endswith('_BASE_URL'): os.environ[name] = 'https://api.openai.com/v1'\n"
    )
    assert (
        agents.run(elsewhere + "import urllib.request\nprint(urllib.request.urlopen('https://api.openai.com/v1/models').status)") == "200\n"
    )
    assert [seen["path"] for seen in gateway.seen] == [f"{RUN}/openai/v1/models"]


def test_an_address_of_another_run_is_none_of_ours(agents: Agents, gateway: Service) -> None:
    text = "from _iron_cage_hooks import part\nrun = part('_run').run\nprint(run.base, run.gateway)"
    elsewhere = {"OPENAI_BASE_URL": f"{gateway.url}/v1", "ANTHROPIC_BASE_URL": "https://api.anthropic.com"}
    assert agents.run(text, **elsewhere) == "None None\n"


@pytest.mark.parametrize("library", ["openai", "anthropic"])
def test_the_providers_own_sdks_told_to_go_elsewhere(library: str, agents: Agents, gateway: Service, room: Room) -> None:
    pytest.importorskip(library)
    gateway.statuses = [400]
    text = {
        "openai": "import openai\ntry: openai.OpenAI(api_key='sk-invented', base_url='https://api.openai.com/v1', max_retries=0)"
        ".chat.completions.create(model='gpt-4', messages=[])\nexcept openai.BadRequestError: print('asked')",
        "anthropic": "import anthropic\ntry: anthropic.Anthropic(api_key='invented', base_url='https://api.anthropic.com', max_retries=0)"
        ".messages.create(model='claude', max_tokens=5, messages=[])\nexcept anthropic.BadRequestError: print('asked')",
    }[library]
    assert agents.run(text, errors=None) == "asked\n"
    assert gateway.seen[0]["path"] == f"{RUN}/" + {"openai": "openai/v1/chat/completions", "anthropic": "anthropic/v1/messages"}[library]


def test_multipart_bodies_and_generators_go_along(agents: Agents, gateway: Service, tmp_path: Path) -> None:
    pytest.importorskip("httpx"), pytest.importorskip("aiohttp"), pytest.importorskip("requests")
    file = tmp_path / "invented.txt"
    file.write_bytes(b"invented lead" * 1000)
    text = f"""
import asyncio, aiohttp, httpx, requests
url, path = "https://api.openai.com/v1/files", {str(file)!r}
def parts():
    yield b"one"
    yield b"two"
async def slow():
    yield b"one"
    await asyncio.sleep(0)
    yield b"two"
requests.post(url, data=parts())
requests.post(url, files={{"file": open(path, "rb")}})
httpx.post(url, content=parts())
httpx.post(url, files={{"file": open(path, "rb")}})
async def main():
    async with httpx.AsyncClient() as client: await client.post(url, content=slow())
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=slow()): pass
        async with session.post(url, data={{"file": open(path, "rb")}}): pass
asyncio.run(main())
"""
    agents.run(text, errors=None)
    bodies = [seen["body"] for seen in gateway.seen]
    assert [body for body in bodies if len(body) < 10] == ["onetwo"] * 4
    assert [body.count("invented lead") for body in bodies if len(body) > 10] == [1000] * 3


def test_streams_come_as_they_are_sent(agents: Agents, gateway: Service) -> None:
    """The second part is sent when the first has been heard of: whoever held it back would wait for ever."""
    pytest.importorskip("httpx"), pytest.importorskip("aiohttp"), pytest.importorskip("requests")

    def stream(handler: object) -> bool:
        from http.server import BaseHTTPRequestHandler

        assert isinstance(handler, BaseHTTPRequestHandler)
        if handler.path.endswith("/go"):
            go.set()
            return False
        go.clear()
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"5\r\nfirst\r\n")
        handler.wfile.flush()
        assert go.wait(20)
        handler.wfile.write(b"6\r\nsecond\r\n0\r\n\r\n")
        return True

    from threading import Event

    go = Event()
    gateway.on_get = stream
    text = """
import asyncio, aiohttp, httpx, requests, urllib.request
url, go = "https://api.openai.com/v1/stream", "https://api.openai.com/v1/go"
def heard(part, rest):
    assert part == b"first", part
    requests.get(go)
    assert b"".join(rest) == b"second"
parts = requests.get(url, stream=True).iter_content(None)
heard(next(parts), parts)
with httpx.stream("GET", url) as answer:
    parts = answer.iter_bytes()
    heard(next(parts), parts)
answer = urllib.request.urlopen(url)
heard(answer.read(5), iter(answer.read, b""))
async def main():
    async with httpx.AsyncClient() as client, client.stream("GET", url) as answer:
        parts = answer.aiter_bytes()
        first = await anext(parts)
        requests.get(go)
        assert first + b"".join([part async for part in parts]) == b"firstsecond"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        first = await answer.content.readany()
        requests.get(go)
        assert first + await answer.read() == b"firstsecond"
asyncio.run(main())
print("heard")
"""
    assert agents.run(text, errors=None) == "heard\n"
