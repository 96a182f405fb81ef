"""Calls to services of the agent file, by every client that agents use: all of them do the same, one after the other."""

from __future__ import annotations

import json

from hook_agents import Agents, Room, Service


def test_a_call_goes_through_the_breaker_once(agents: Agents, service: Service, room: Room) -> None:
    shown = agents.calls(f"show(call('{service.url}/v2/people/4711?b=2&a=1'))")
    assert shown == {name: [[200, '{"name": "Ada", "n": 1.5}', None]] for name in agents.clients}
    number = len(agents.clients)
    assert [seen["path"] for seen in service.seen] == ["/v2/people/4711?b=2&a=1"] * number
    begun = room.all("service.begin")
    assert [(one["service"], one["endpoint"], one["key"]["method"]) for one in begun] == [("people", "/v2/people/:id", "GET")] * number
    ended = room.until("service.end", number)
    assert [(one["outcome"], one["latencyMs"] >= 0, one["value"]) for one in ended] == [("ok", True, {"name": "Ada", "n": 1.5})] * number
    assert room.destinations() == {(service.host, "breaker"): number}


def test_the_same_question_has_the_same_key(agents: Agents, service: Service, room: Room) -> None:
    agents.calls(f"for query in ('a=1&b=2', 'b=2&a=1', 'a=2'): call('{service.url}/p?' + query)")
    keys = [json.dumps(begun["key"]) for begun in room.all("service.begin")]
    for first, second, third in zip(keys[0::3], keys[1::3], keys[2::3], strict=True):
        assert first == second == keys[0] != third == keys[2]
    assert "a=1" not in keys[0]


def test_how_it_ended_is_told(agents: Agents, service: Service, room: Room) -> None:
    statuses = [200, 404, 408, 429, 500, 503]
    number = len(agents.clients)
    service.statuses, service.headers = statuses * number, {"retry-after": "7"}
    shown = agents.calls(f"for _ in range({len(statuses)}): show(call('{service.url}/p')[0])")
    assert shown == dict.fromkeys(agents.clients, statuses)
    ended = sorted(room.until("service.end", len(statuses) * number), key=lambda one: str(one["callId"]))
    assert [one["outcome"] for one in ended] == ["ok", "callers-fault", "failed", "failed", "failed", "failed"] * number
    assert [one["retryAfterMs"] for one in ended] == [None, None, 7000, 7000, 7000, 7000] * number
    assert ["value" in one for one in ended] == [True, False, False, False, False, False] * number


def test_what_is_given_in_its_place(agents: Agents, service: Service, room: Room) -> None:
    room.verdict = {"do": "use", "instead": {"tier": "cached", "value": {"name": "Grüße"}, "ageMs": 5}}
    shown = agents.calls(f"for _ in range(2): show(call('{service.url}/p'))\nshow(call('{service.url}/p', 'HEAD'))")
    for first, second, head in shown.values():
        assert first == second and (first[0], json.loads(first[1]), first[2]) == (200, {"name": "Grüße"}, "cached")
        assert head == [200, "", "cached"]
    assert service.seen == [] and room.all("service.end") == []


def test_what_is_given_where_it_failed(agents: Agents, service: Service, room: Room) -> None:
    room.instead = {"tier": "placeholder", "value": {"name": "nobody"}, "ageMs": None}
    service.statuses = [503] * len(agents.clients)
    shown = agents.calls(f"show(call('{service.url}/p'))")
    assert shown == {name: [[200, '{"name": "nobody"}', "placeholder"]] for name in agents.clients}
    assert {(ended["outcome"], ended["detail"]) for ended in room.all("service.end")} == {("failed", "503")}


def test_what_is_given_where_nobody_listens(agents: Agents, service: Service, room: Room) -> None:
    service.close()
    room.instead = {"tier": "cached", "value": [1], "ageMs": 1}
    assert agents.calls(f"show(call('{service.url}/p'))") == {name: [[200, "[1]", "cached"]] for name in agents.clients}
    assert [one["outcome"] for one in room.all("service.end")] == ["failed"] * len(agents.clients)


def test_a_failure_is_the_librarys_own(agents: Agents, service: Service, room: Room) -> None:
    service.close()
    for (is_its_own, _, is_ours), *_ in agents.calls(f"show(tried('{service.url}/p'))").values():
        assert is_its_own and not is_ours
    assert [one["outcome"] for one in room.all("service.end")] == ["failed"] * len(agents.clients)


def test_a_refusal_is_the_librarys_own_with_our_sentence(agents: Agents, service: Service, room: Room) -> None:
    room.verdict = {"do": "refused", "reason": "people has failed 5 times in a row.", "retryAfterMs": 60_000}
    for (is_its_own, sentence, is_ours), *_ in agents.calls(f"show(tried('{service.url}/p'))").values():
        assert is_its_own and is_ours and "people has failed 5 times in a row." in sentence
    assert service.seen == []


def test_posted_answers_are_not_kept(agents: Agents, service: Service, room: Room) -> None:
    agents.calls(f"show(call('{service.url}/p', 'POST', 'hello'))")
    assert [seen["body"] for seen in service.seen] == ["hello"] * len(agents.clients)
    for ended in room.until("service.end", len(agents.clients)):
        assert ended["outcome"] == "ok" and "value" not in ended


def test_what_cannot_be_kept_is_given_all_the_same(agents: Agents, service: Service, room: Room) -> None:
    bodies = [b'{"n": 9007199254740993}', b"no json", b"NaN", b"[" * 80 + b"]" * 80, b"[" + b"1," * 200_000 + b"1]"]
    left = iter(bodies * len(agents.clients))

    def next_body(_: object) -> bool:
        service.body = next(left)
        return False

    service.on_get = next_body
    shown = agents.calls(f"for _ in range({len(bodies)}): show(len(call('{service.url}/p')[1]))")
    assert shown == {name: [len(body) for body in bodies] for name in agents.clients}
    for ended in room.until("service.end", len(bodies) * len(agents.clients)):
        assert ended["outcome"] == "ok" and "value" not in ended


def test_it_works_without_a_room(agents: Agents, service: Service, room: Room) -> None:
    room.go()
    assert agents.calls(f"show(call('{service.url}/p')[0])") == {name: [200] for name in agents.clients}


def test_a_silent_room_is_not_waited_for_again(agents: Agents, service: Service, room: Room) -> None:
    room.silent = ("service.begin",)
    agents.clients = agents.clients[:1]
    shown = agents.calls(f"for _ in range(20): show(call('{service.url}/p')[0])")
    assert shown == {agents.clients[0]: [200] * 20} and len(room.all("service.begin")) <= 3


def test_other_hosts_are_listed_as_seen(agents: Agents, service: Service, room: Room) -> None:
    room.services = []
    agents.calls(f"call('{service.url}/p')")
    assert room.all("service.begin") == []
    assert room.destinations() == {(service.host, "none"): len(agents.clients)}


def test_a_block_of_the_sdk_counts_for_itself(agents: Agents, service: Service, room: Room) -> None:
    agents.calls(f"from iron_cage import _context\n_context.service.set('people')\ncall('{service.url}/p')")
    assert room.all("service.begin") == []
    assert room.destinations() == {(service.host, "breaker"): len(agents.clients)}
