"""The demo's agent as a process, between a room in memory and services on this machine."""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from demo_world import DEMO, SCORE, Stand, World, offered, stand_in

ENGINES = [
    "sdk",
    pytest.param("langchain", marks=pytest.mark.skipif(find_spec("langchain_openai") is None, reason="there is no LangChain")),
]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with stand_in(tmp_path) as made:
        yield made


@pytest.fixture(params=ENGINES)
def either(stand: Stand, request: pytest.FixtureRequest) -> Stand:
    stand.engine = request.param
    return stand


def story(body: dict[str, Any]) -> dict[str, Any]:
    """What of a request the model goes by."""

    def call(made: dict[str, Any]) -> tuple[str, str, Any]:
        return made["id"], made["function"]["name"], json.loads(made["function"]["arguments"])

    def message(said: dict[str, Any]) -> tuple[Any, ...]:
        calls = [call(made) for made in said.get("tool_calls") or []]
        return said["role"], said.get("content") or "", calls, said.get("tool_call_id")

    return {
        "model": body["model"],
        "most": body["max_completion_tokens"],
        "stream": body.get("stream", False),
        "tools": [tool["function"] for tool in body["tools"]],
        "messages": [message(said) for said in body["messages"]],
    }


def test_a_lead_is_qualified_with_two_tools_and_told(either: Stand) -> None:
    either.leads(2, known=(2,))
    # A proxy of the machine's is for others.
    code, said = either.run(HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9")
    assert code == 0, said
    assert [offered(body) for body in either.world.requests] == [["search_linkedin", "enrich_clearbit"]] * 2 + [["search_linkedin"]] * 2
    assert either.world.lookups == ["linkedin Person1 Testworth", "clearbit sample-1.example", "linkedin Person2 Testworth"]
    assert either.room.tools == ["search_linkedin", "enrich_clearbit", "search_linkedin"]
    asked = [body["messages"][1]["content"] for body in either.world.requests[::2]]
    where = "Founder at Sample {0} (sample-{0}.example), Mockford. Note: met at a fair."
    assert asked == [
        f"Lead 1 of 2: Person1 Testworth, {where.format(1)}",
        f"Lead 2 of 2: Person2 Testworth, {where.format(2)} Known: glass, 80 employees.",
    ]
    assert [(told["done"], told["total"], told["unit"], told["failed"], told["step"]) for told in either.room.progress] == [
        (0, 2, "lead", 0, "qualifying Person1 Testworth"),
        (1, 2, "lead", 0, "qualifying Person2 Testworth"),
        (2, 2, "lead", 0, None),
    ]
    assert ["latencyMs" in told for told in either.room.progress] == [False, True, True]
    assert [tuple(row.values()) for row in either.rows()] == [
        ("1", "Person1 Testworth", "Sample 1", "8", "primary", "done", "Dear reader, it is cold. Yours"),
        ("2", "Person2 Testworth", "Sample 2", "8", "primary", "done", "Dear reader, it is cold. Yours"),
    ]
    assert list(either.rows()[0]) == ["number", "name", "company", "score", "source", "status", "letter"]
    assert set(either.world.keys) == {"Bearer key-of-the-model", "Bearer key-of-linkedin", None}
    assert "Done: 2 leads, 2 worth a call, 0 failed. Profiles: 2 by LinkedIn, 0 kept, 0 without." in said
    assert "\x1b" not in said


@pytest.mark.skipif(find_spec("langchain_openai") is None, reason="there is no LangChain")
def test_both_engines_have_the_same_conversation_and_the_same_results(tmp_path: Path) -> None:
    seen = []
    for engine in ("sdk", "langchain"):
        folder = tmp_path / engine
        folder.mkdir()
        with stand_in(folder) as stand:
            stand.engine = engine
            people = stand.leads(6, known=(2,))
            for row in people[:-1]:
                stand.room.keep_profile(row[0], row[2])
            stand.world.linkedin_says = lambda name: 200 if name[6] in "123" else 429
            stand.world.clearbit_status = 200
            code, said = stand.run()
            assert code == 0, said
            lines = [line for line in said.splitlines() if "model o1" not in line]
            seen.append(
                ([story(body) for body in stand.world.requests], stand.world.lookups, stand.room.tools, stand.results.read_bytes(), lines)
            )
    assert len(seen[0][0]) == 3 * 2 + 3 * 4
    assert seen[0] == seen[1]
    assert seen[0][0][0]["most"] == 6000 and seen[0][0][0]["model"] == "o1" and not seen[0][0][0]["stream"]


def test_tools_that_are_asked_for_together_run_one_after_the_other_in_that_order(either: Stand) -> None:
    either.leads(1)
    clearbit_came = threading.Event()
    overlapped = []

    def linkedin_says(_name: str) -> int:
        overlapped.append(clearbit_came.wait(0.3))
        return 200

    either.world.linkedin_says = linkedin_says
    look_up = either.world.lookups

    class Watched(list):  # type: ignore[type-arg]
        def append(self, one: str) -> None:
            if one.startswith("clearbit"):
                clearbit_came.set()
            look_up.append(one)

    either.world.lookups = Watched()
    code, said = either.run()
    assert code == 0, said
    assert overlapped == [False]
    assert [one.split()[0] for one in look_up] == ["linkedin", "clearbit"]


def test_from_34_on_linkedin_refuses_and_what_was_kept_is_used(stand: Stand) -> None:
    people = stand.leads(100, known=(6, 17, 29, 48, 72, 93))
    numbers = {row[0]: number for number, row in enumerate(people, 1)}
    for row in people:
        if numbers[row[0]] != 71:
            stand.room.keep_profile(row[0], row[2])
    stand.world.linkedin_says = lambda name: 429 if numbers[name] >= 34 else 200
    code, said = stand.run()
    assert code == 0, said
    asked = [one for one in stand.world.lookups if one.startswith("linkedin")]
    assert len(asked) == 33 + 5
    assert len(stand.world.lookups) - len(asked) == 94
    view = stand.room.mock.services.view("linkedin", "")
    assert (view["blocked"], view["failures"], view["served"]["primary"], view["served"]["cached"]) == (66, 5, 33, 66)
    assert view["formatted"]["blocked"] == "66 leads" and view["formatted"]["saved"] == "$6.60 saved"
    rows = stand.rows()
    assert [row["source"] for row in rows] == ["primary"] * 33 + ["none" if n == 71 else "cached" for n in range(34, 101)]
    assert [row["number"] for row in rows if row["status"] == "failed"] == ["71"]
    assert stand.room.progress[-1]["done"] == 100 and stand.room.progress[-1]["failed"] == 1
    assert said.count("LinkedIn limits our rate (429)") == 1
    assert "99 worth a call" not in said and "100 worth a call, 1 failed" in said


def test_linkedin_that_is_back_is_said_to_be(stand: Stand) -> None:
    people = stand.leads(3)
    stand.room.keep_profile(people[1][0], people[1][2])
    answers = iter([200, 503, 503, 503, 503, 503, 200])
    stand.world.linkedin_says = lambda _name: next(answers)
    # So that the next call is a probe.
    stand.room.bridge.answers["demo.turn"] = lambda given: stand.room.mock.clock.advance(120) or {"waitMs": 0, "speed": 10}
    code, said = stand.run()
    assert code == 0, said
    assert [row["source"] for row in stand.rows()] == ["primary", "cached", "primary"]
    lines = [line.strip() for line in said.splitlines() if "›" in line]
    assert lines == [
        "›  LinkedIn does not answer: from here on profiles are those that were kept.",
        "›  LinkedIn is back: profiles are its own again.",
    ]


@pytest.mark.parametrize("status", [404, 429])
def test_a_profile_that_nobody_has_fails_the_lead_and_not_the_run(either: Stand, status: int) -> None:
    either.leads(2)
    either.world.linkedin_says = lambda name: status if "1" in name else 200
    code, said = either.run()
    assert code == 0, said
    told = [message["content"] for body in either.world.asked_for(1) for message in body["messages"] if message["role"] == "tool"]
    assert json.loads(told[0]) == {"error": "no profile", "source": "none"}
    assert either.rows()[0]["status"] == "failed" and either.rows()[0]["source"] == "none"


def test_clearbit_that_fails_leaves_the_lead_as_it_is(either: Stand) -> None:
    either.leads(1)
    either.world.clearbit_status = 500
    code, said = either.run()
    assert code == 0, said
    told = [message["content"] for message in either.world.requests[-1]["messages"] if message["role"] == "tool"]
    assert list(json.loads(told[1])) == ["error"]
    assert either.rows()[0]["status"] == "done"


def test_killed_in_the_midst_of_a_lead_it_goes_on_there_and_asks_nothing_twice(either: Stand) -> None:
    either.leads(4)
    arrived, release = threading.Event(), threading.Event()

    def hold(lead: int, body: dict[str, Any]) -> None:
        if lead == 3 and len(body["messages"]) > 2 and not release.is_set():
            arrived.set()
            release.wait(60)

    either.world.model_says = hold
    child = either.start()
    assert arrived.wait(60)
    child.send_signal(signal.SIGKILL)
    child.wait(20)
    # What stood in the file is known without it.
    either.results.unlink()
    release.set()
    code, said = either.run()
    assert code == 0, said
    assert "2 are done already; it goes on with lead 3." in said
    assert [row["number"] for row in either.rows()] == ["1", "2", "3", "4"]
    assert len(either.world.lookups) == len(set(either.world.lookups)) == 8
    assert [told["done"] for told in either.room.progress] == [0, 1, 2, 2, 3, 4]
    assert [len(either.world.asked_for(lead)) for lead in (1, 2, 3, 4)] == [2, 2, 4, 2]


def test_killed_between_two_leads_it_does_none_of_them_twice(stand: Stand) -> None:
    stand.leads(3)
    arrived, release = threading.Event(), threading.Event()

    def turn(given: dict[str, Any]) -> dict[str, Any]:
        if given["lead"] == 3 and not release.is_set():
            arrived.set()
            release.wait(60)
        return {"waitMs": 0, "speed": 1}

    stand.room.bridge.answers["demo.turn"] = turn
    child = stand.start()
    assert arrived.wait(60)
    child.send_signal(signal.SIGKILL)
    child.wait(20)
    release.set()
    code, said = stand.run()
    assert code == 0, said
    assert [len(stand.world.asked_for(lead)) for lead in (1, 2, 3)] == [2, 2, 2]
    assert [told["done"] for told in stand.room.progress] == [0, 1, 2, 2, 3]
    assert [row["number"] for row in stand.rows()] == ["1", "2", "3"]


def test_a_machine_with_another_encoding_and_a_folder_with_blanks(stand: Stand) -> None:
    stand.leads(1)
    list_file = stand.folder / "leads.csv"
    list_file.write_text(list_file.read_text().replace("Person1 Testworth", "Jörg Testwörth"), encoding="utf-8")
    stand.results = stand.folder / "Größe mit Leerzeichen" / "results.csv"
    code, said = stand.run(PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C", TZ="Pacific/Chatham")
    assert code == 0 and "J?rg Testw?rth" in said, said
    assert stand.rows()[0]["name"] == "Jörg Testwörth"


def test_a_model_that_fails_is_asked_again_in_the_same_place(either: Stand) -> None:
    either.leads(2)
    failures = iter([429, 503, 401, 500])

    def fail(lead: int, body: dict[str, Any]) -> tuple[int, Any] | None:
        status = next(failures, None) if lead == 1 and len(body["messages"]) > 2 else None
        return None if status is None else (status, {"error": {"message": "made up", "type": "server_error", "code": None}})

    either.world.model_says = fail
    code, said = either.run()
    assert code == 0, said
    assert said.count("The model does not answer: it is asked too much (429).") == said.count("The model answers again, after 0 s.") == 1
    assert len(either.world.lookups) == 4
    assert [len(body["messages"]) for body in either.world.asked_for(1)] == [2, 5, 5, 5, 5, 5]
    assert [row["status"] for row in either.rows()] == ["done", "done"]


def test_a_model_that_nobody_reaches_is_waited_for(either: Stand) -> None:
    either.leads(1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        # Bound, and nobody listens: refused, and nobody else gets the port.
        child = either.start(OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1")
        assert child.stdout is not None
        for line in child.stdout:
            if "The model does not answer: it cannot be reached." in line:
                break
        else:
            raise AssertionError("It did not say so.")
    later = World(port)
    try:
        said = child.stdout.read()
        assert child.wait(60) == 0, said
        assert "The model answers again" in said
        assert len(later.requests) == 2
    finally:
        later.close()


def test_a_call_that_is_held_is_waited_for(either: Stand) -> None:
    either.leads(1)
    arrived, release = threading.Event(), threading.Event()

    def hold(_lead: int, _body: dict[str, Any]) -> None:
        arrived.set()
        release.wait(60)

    either.world.model_says = hold
    child = either.start()
    assert arrived.wait(60)
    release.set()
    said, _ = child.communicate(timeout=60)
    assert child.returncode == 0, said
    assert len(either.world.requests) == 2 and "does not answer" not in said


def test_interrupted_while_a_call_is_held_it_says_so(either: Stand) -> None:
    either.leads(2)
    arrived, release = threading.Event(), threading.Event()

    def hold(lead: int, _body: dict[str, Any]) -> None:
        if lead == 2:
            arrived.set()
            release.wait(60)

    either.world.model_says = hold
    child = either.start()
    assert arrived.wait(60)
    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=60)
    release.set()
    assert child.returncode == 130, said
    assert said.splitlines()[-1].startswith("Interrupted.") and "Traceback" not in said
    assert [row["number"] for row in either.rows()] == ["1"]


def test_a_budget_that_is_used_up_ends_it_with_a_sentence(either: Stand) -> None:
    either.leads(4)
    ours = {"code": "BUDGET_EXCEEDED", "limit": 50_000_000_000, "spent": 49_900_000_000, "requested": 360_000_000}
    refusal = {
        "error": {
            "message": "Of the budget of $50.00, $0.10 is left.",
            "type": "insufficient_quota",
            "code": "budget_exceeded",
            "iron_cage": ours,
        }
    }
    either.world.model_says = lambda lead, _body: (402, refusal) if lead == 3 else None
    code, said = either.run()
    assert code == 120
    assert said.splitlines()[-1] == "Of the budget of $50.00, $0.10 is left. The leads that are done stand in results.csv."
    assert [row["number"] for row in either.rows()] == ["1", "2"]
    assert len(either.world.asked_for(3)) == 1


def test_a_tool_that_the_rules_forbid_ends_it_with_a_sentence(either: Stand) -> None:
    either.leads(2)
    either.room.mock.forbidden_tools = frozenset({"enrich_clearbit"})
    code, said = either.run()
    assert code == 1
    assert "enrich_clearbit" in said.splitlines()[-1] and "Traceback" not in said
    assert either.rows() == []


def test_a_request_that_the_provider_refuses_is_no_reason_to_wait(either: Stand) -> None:
    either.leads(1)
    either.world.model_says = lambda _lead, _body: (404, {"error": {"message": "There is no model o1.", "type": "x", "code": None}})
    code, said = either.run()
    assert code == 1
    assert "The model's provider refuses the call (404)" in said and "There is no model o1." in said and "Traceback" not in said
    assert len(either.world.requests) == 1


def test_a_model_that_comes_to_no_end_fails_the_lead(either: Stand) -> None:
    either.leads(2)
    more = {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "MORE: hm."}}], "model": "o1"}
    usage = {"usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}, "id": "x", "object": "chat.completion", "created": 1}
    either.world.model_says = lambda lead, _body: (200, {**more, **usage}) if lead == 1 else None
    code, said = either.run()
    assert code == 0, said
    assert len(either.world.asked_for(1)) == 200
    assert [row["status"] for row in either.rows()] == ["failed", "done"]


def test_without_addresses_it_says_where_they_come_from(stand: Stand) -> None:
    code, said = stand.run(LINKEDIN_API_URL="", CLEARBIT_API_URL="")
    assert code == 2
    assert said.startswith("LINKEDIN_API_URL and CLEARBIT_API_URL are not set: run `iron_cage demo`")
    assert stand.room.bridge.heard == []


def test_without_langchain_auto_takes_the_sdk_and_says_so(stand: Stand) -> None:
    stand.leads(1)
    (stand.folder / "langchain.py").write_text("raise ImportError('no LangChain here')")
    where = {"PYTHONPATH": f"{stand.environment()['PYTHONPATH']}:{stand.folder}"}
    code, said = stand.run(LEADS_ENGINE="auto", **where)
    assert code == 0 and "the SDK alone" in said.splitlines()[0], said
    code, said = stand.run(LEADS_ENGINE="langchain", **where)
    assert code == 2 and said.startswith("LangChain cannot be imported (no LangChain here): install langchain"), said
    code, said = stand.run(LEADS_ENGINE="crewai")
    assert code == 2 and said.startswith("LEADS_ENGINE is 'crewai'"), said


@pytest.mark.skipif(find_spec("langchain_openai") is None, reason="there is no LangChain")
def test_auto_takes_langchain_where_it_is_and_says_so(stand: Stand) -> None:
    stand.leads(1)
    code, said = stand.run(LEADS_ENGINE="auto")
    assert code == 0 and "·  LangChain 1" in said.splitlines()[0], said


def test_the_shipped_list_is_what_it_says(stand: Stand) -> None:
    code, said = stand.run()
    assert code == 0, said
    rows = stand.rows()
    assert len(rows) == len({row["name"] for row in rows}) == len({row["company"] for row in rows}) == 100
    known = {lead for lead in range(1, 101) if offered(stand.world.asked_for(lead)[0]) == ["search_linkedin"]}
    assert known == {6, 17, 29, 48, 72, 93}
    assert "leads 6, 17, 29, 48, 72 and 93" in (DEMO / "iron_cage.yaml").read_text()
    assert not stand.room.mock.safety.findings
    asked = [body["messages"][1]["content"] for body in stand.world.requests]
    assert stand.room.mock.judge(asked, "to-model", "").value == asked


def test_broken_lists_end_it_with_a_sentence(stand: Stand) -> None:
    (stand.folder / "leads.csv").write_text("name,company\nAda,Sample\n")
    code, said = stand.run()
    assert code == 2
    assert said.startswith("leads.csv has no column role and no column domain") and said.count("\n") == 1
    assert SCORE not in said
