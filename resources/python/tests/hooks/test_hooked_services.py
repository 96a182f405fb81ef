"""Calls to services of the agent file, by every client that agents use."""

from __future__ import annotations

import importlib.util
import json

import pytest
from hook_agents import Agents, Room, Service

LIBRARIES = {
    "use_requests": "requests",
    "use_urllib3": "urllib3",
    "use_httpx": "httpx",
    "use_httpx_async": "httpx",
    "use_httpx2": "httpx2",
    "use_httpx2_async": "httpx2",
    "use_aiohttp": "aiohttp",
    "use_urllib_request": "urllib",
    "use_http_client": "http",
}


@pytest.fixture(params=list(LIBRARIES))
def client(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if importlib.util.find_spec(LIBRARIES[name]) is None:
        pytest.skip(f"{LIBRARIES[name]} is not installed")
    return name


def test_a_call_goes_through_the_breaker_once(client: str, agents: Agents, service: Service, room: Room) -> None:
    shown = agents.calls(client, f"show(call('{service.url}/v2/people/4711?b=2&a=1'))")
    assert shown == [[200, '{"name": "Ada", "n": 1.5}', None]]
    assert [seen["path"] for seen in service.seen] == ["/v2/people/4711?b=2&a=1"]
    (begun,) = room.all("service.begin")
    assert (begun["service"], begun["endpoint"], begun["key"]["method"]) == ("people", "/v2/people/:id", "GET")
    (ended,) = room.until("service.end")
    assert ended["outcome"] == "ok" and ended["latencyMs"] >= 0
    assert ended["value"] == {"name": "Ada", "n": 1.5}
    assert room.destinations() == {(service.host, "breaker"): 1}


def test_the_same_question_has_the_same_key(client: str, agents: Agents, service: Service, room: Room) -> None:
    agents.calls(client, f"for query in ('a=1&b=2', 'b=2&a=1', 'a=2'): call('{service.url}/p?' + query)")
    first, second, third = (begun["key"] for begun in room.all("service.begin"))
    assert first == second != third
    assert "a=1" not in json.dumps(first)


def test_how_it_ended_is_told(client: str, agents: Agents, service: Service, room: Room) -> None:
    statuses = [200, 404, 408, 429, 500, 503]
    service.statuses, service.headers = list(statuses), {"retry-after": "7"}
    assert agents.calls(client, f"for _ in range({len(statuses)}): show(call('{service.url}/p')[0])") == statuses
    ended = {one["callId"]: one for one in room.until("service.end", len(statuses))}
    begun = [ended[name] for name in sorted(ended)]
    assert [one["outcome"] for one in begun] == ["ok", "callers-fault", "failed", "failed", "failed", "failed"]
    assert [one["retryAfterMs"] for one in begun] == [None, None, 7000, 7000, 7000, 7000]
    assert ["value" in one for one in begun] == [True, False, False, False, False, False]


def test_what_is_given_in_its_place(client: str, agents: Agents, service: Service, room: Room) -> None:
    room.verdict = {"do": "use", "instead": {"tier": "cached", "value": {"name": "Grüße"}, "ageMs": 5}}
    shown = agents.calls(client, f"for _ in range(2): show(call('{service.url}/p'))")
    assert [[status, json.loads(text), tier] for status, text, tier in shown] == [[200, {"name": "Grüße"}, "cached"]] * 2
    assert service.seen == [] and room.all("service.end") == []


def test_what_is_given_where_it_failed(client: str, agents: Agents, service: Service, room: Room) -> None:
    room.instead = {"tier": "placeholder", "value": {"name": "nobody"}, "ageMs": None}
    service.statuses = [503]
    assert agents.calls(client, f"show(call('{service.url}/p'))") == [[200, '{"name": "nobody"}', "placeholder"]]
    (ended,) = room.all("service.end")
    assert (ended["outcome"], ended["detail"]) == ("failed", "503")


def test_what_is_given_where_nobody_listens(client: str, agents: Agents, service: Service, room: Room) -> None:
    service.close()
    room.instead = {"tier": "cached", "value": [1], "ageMs": 1}
    assert agents.calls(client, f"show(call('{service.url}/p'))") == [[200, "[1]", "cached"]]
    assert room.all("service.end")[0]["outcome"] == "failed"


def test_a_failure_is_the_librarys_own(client: str, agents: Agents, service: Service, room: Room) -> None:
    service.close()
    ((is_its_own, _, is_ours),) = agents.calls(client, f"show(tried('{service.url}/p'))")
    assert is_its_own and not is_ours
    assert room.all("service.end")[0]["outcome"] == "failed"


def test_a_refusal_is_the_librarys_own_with_our_sentence(client: str, agents: Agents, service: Service, room: Room) -> None:
    room.verdict = {"do": "refused", "reason": "people has failed 5 times in a row.", "retryAfterMs": 60_000}
    ((is_its_own, sentence, is_ours),) = agents.calls(client, f"show(tried('{service.url}/p'))")
    assert is_its_own and is_ours and "people has failed 5 times in a row." in sentence
    assert service.seen == []


def test_posted_answers_are_not_kept(client: str, agents: Agents, service: Service, room: Room) -> None:
    agents.calls(client, f"show(call('{service.url}/p', 'POST', 'hello'))")
    assert service.seen[0]["body"] == "hello"
    (ended,) = room.until("service.end")
    assert ended["outcome"] == "ok" and "value" not in ended


def test_what_cannot_be_kept_is_given_all_the_same(client: str, agents: Agents, service: Service, room: Room) -> None:
    bodies = [b'{"n": 9007199254740993}', b"no json", b"NaN", b"[" * 80 + b"]" * 80, b"[" + b"1," * 200_000 + b"1]"]
    left = iter(bodies)

    def next_body(_: object) -> bool:
        service.body = next(left)
        return False

    service.on_get = next_body
    assert agents.calls(client, f"for _ in range(5): show(len(call('{service.url}/p')[1]))") == [len(body) for body in bodies]
    ended = room.until("service.end", len(bodies))
    assert [one["outcome"] for one in ended] == ["ok"] * 5 and not any("value" in one for one in ended)


def test_it_works_without_a_room(client: str, agents: Agents, service: Service, room: Room) -> None:
    room.go()
    assert agents.calls(client, f"show(call('{service.url}/p'))")[0][0] == 200


def test_a_silent_room_is_not_waited_for_again(client: str, agents: Agents, service: Service, room: Room) -> None:
    room.is_silent = True
    shown = agents.calls(client, f"for _ in range(20): show(call('{service.url}/p')[0])")
    assert shown == [200] * 20 and len(room.asked) <= 3


def test_other_hosts_are_listed_as_seen(client: str, agents: Agents, service: Service, room: Room) -> None:
    room.services = []
    agents.calls(client, f"call('{service.url}/p')")
    assert room.all("service.begin") == []
    assert room.destinations() == {(service.host, "none"): 1}
