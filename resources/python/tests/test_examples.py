"""Every example runs as its first comment says, in a real room, with the real libraries and no network, and does what it claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import open_room
from example_runs import FOLDER, MASTER_KEY, Run, Runs, examples

EXAMPLES = {one.name: one for one in examples() if not one.name.startswith("crews/")}
LIBRARIES = ("openai", "anthropic", "requests", "langchain", "langchain_openai", "langchain_anthropic", "langgraph")
NEW_KEY = "an-invented-new-key"


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    chosen = {
        item.callspec.params.get("name")
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    }
    with open_room(Path(tmp_path_factory.mktemp("ex")), IRON_SECRETS_MASTER_KEY=MASTER_KEY) as room:
        secret = room.request("POST", "/secrets", {"name": "CRM_KEY", "value": "an-invented-old-key", "environment": "development"})

        def rotate(line: str) -> None:
            if "Waiting for another key" in line:
                room.request("PUT", f"/secrets/{secret['id']}", {"value": NEW_KEY})

        made = Runs(room, [one for name, one in EXAMPLES.items() if name in chosen], {"key_rotation.py": rotate})
        try:
            yield made
        finally:
            made.close()


def openai_chat(run: Run) -> None:
    assert len(run.calls) == 3 and run.models == {"gpt-4o-mini"}
    assert "Hi Aiko Tanaka" in run.said and "for 3 leads" in run.said
    assert run.metric("progress") == "3 / 3 leads (100%)"


def openai_structured(run: Run) -> None:
    assert len(run.calls) == 2
    assert re.search(r"^Alder Works: (strong|possible|none), \d+ of 10\. Next: \w", run.said, re.MULTILINE)


def openai_embeddings(run: Run) -> None:
    assert run.models == {"text-embedding-3-small"} and len(run.calls) == 2
    assert run.said.count("?") == 1 and run.said.count("0.") == 3


def anthropic_messages(run: Run) -> None:
    assert [call["provider"] for call in run.calls] == ["anthropic"] * 2
    assert "oak table: 14 in stock" in run.said and "Here is what I found: oak table: 14 in stock" in run.said
    assert [event["payload"]["name"] for event in run.events("tool.began")] == ["look_up_stock"]


def budget_limit(run: Run) -> None:
    *answered, refused = run.calls
    assert {call["outcome"] for call in answered} == {"answered"} and refused["refusal"] == "budget"
    assert "Stopped: $0.00" in run.said and f"The report has {len(answered)} of 5 topics" in run.said and 0 < len(answered) < 5
    assert sum(call["cost"] for call in run.calls) <= 30_000_000


def cheap_model_first(run: Run) -> None:
    cheap = [call for call in run.calls if call["model"] == "gpt-4o-mini"]
    dear = [call for call in run.calls if call["model"] == "gpt-4"]
    assert len(cheap) == 6 and 0 < len(dear) < 6
    assert sum(call["cost"] for call in cheap) * 10 < sum(call["cost"] for call in dear)
    assert f"solving {len(dear)} of them" in run.said


def private_data(run: Run) -> None:
    events = run.all_events
    assert len(events) > 5
    said = run.said + str(events)
    for secret in ("dana.reed@example.com", "555-123-4567", "078-05-1120"):
        assert secret not in said
    assert run.said.count("[EMAIL_REDACTED], [PHONE_REDACTED]") == 2 and run.said.count("[SSN_REDACTED]") == 2


def circuit_breaker(run: Run) -> None:
    weather = run.service("weather")
    assert (weather["state"], weather["recoveries"], weather["blocked"]) == ("closed", 1, 2)
    assert weather["formatted"]["saved"] == "$0.02 saved"
    assert [len(run.events(f"service.{name}")) for name in ("opened", "probing", "recovered")] == [1, 1, 1]
    assert "Quito: {'degrees': None} (placeholder)" in run.said and run.said.count("Oslo: {'city': 'Oslo', 'degrees': 17} (cached)") == 2
    assert "It was asked 4 times, and left alone since." in run.said and "It was asked 5 times." in run.said


def multi_provider(run: Run) -> None:
    assert run.models == {"gpt-4o-mini", "gpt-4o", "claude-haiku-4-5", "claude-sonnet-4-6"}
    assert {call["provider"] for call in run.calls} == {"openai", "anthropic"}
    together = f"together           ${sum(call['cost'] for call in run.calls) / 1e9:.6f}"
    assert together in run.said


def provider_outage(run: Run) -> None:
    assert run.metric("progress") == "7 / 7 leads (100%)"
    assert len(run.events("service.opened")) == 1 and "is failing: 5 calls in a row (500)" in run.told
    assert "for OpenAI failed (InternalServerError)" in run.said
    assert run.said.count("for OpenAI is left alone for") == 7 - run.said.count("failed (") > 0
    answered = [call["provider"] for call in run.calls if call["outcome"] == "answered"]
    assert answered == ["anthropic"] * 7


def key_rotation(run: Run) -> None:
    keys = re.findall(r"with the key ([0-9a-f]{8})", run.said)
    assert len(set(keys)) == 2 and "in the same process" in run.said
    assert "an-invented" not in run.said + run.told


def checkpoints(run: Run) -> None:
    assert "Start 1: 0 of 10 leads are done already." in run.said and "Start 2: 5 of 10 leads are done already." in run.said
    assert run.said.endswith(f"Done, each once: {', '.join(f'lead-{number:02}' for number in range(1, 11))}\n")
    agent = run.room.request("GET", f"/agents/{run.agent_id}/status")
    assert agent["restarts"] == 1
    assert run.metric("progress") == "10 / 10 leads (100%)"


def parallel_threads(run: Run) -> None:
    assert len(run.calls) == 24 and "of 24 are worth a call" in run.said
    assert f"${sum(call['cost'] for call in run.calls) / 1e9:.6f} of $0.05" in run.said
    assert run.metric("progress") == "24 / 24 leads (100%)"


def parallel_asyncio(run: Run) -> None:
    assert len(run.calls) == 30 and "30 leads were rated" in run.said
    assert run.metric("progress") == "30 / 30 leads (100%)"


def plain_http(run: Run) -> None:
    assert len(run.calls) == 2 and run.models == {"gpt-4o-mini"}
    assert re.search(r"^urllib:   (Yes|No)\nrequests: (Yes|No)$", run.said, re.MULTILINE)


def unmodified_script(run: Run) -> None:
    assert not EXAMPLES["unmodified_script.py"].uses("iron_cage")
    assert len(run.calls) == 3 and "Hoshi Robotics: " in run.said
    assert "An email address was redacted in a request." in run.told and "@example.com" not in run.told


def streaming_generators(run: Run) -> None:
    assert [call["isStreamed"] for call in run.calls] == [True] * 3
    assert "1. Start with what is known about repair" in run.said
    assert "The first words only: 1. Start with what is known\n" in run.said
    assert int(re.findall(r"(\d+) pieces", run.said)[0]) > 10


def guarded_tools(run: Run) -> None:
    assert [event["payload"]["name"] for event in run.events("tool.ended")] == ["look_up_order", "refund"]
    assert "Not done: " in run.said and "Orders that are left: A-1, A-2" in run.said


def agent_file(run: Run) -> None:
    service = run.service("enrichment")
    assert (service["state"], service["failures"], service["blocked"]) == ("open", 3, 3)
    assert service["formatted"]["saved"] == "$0.30 saved"
    assert "The service was asked 5 times for 8 companies." in run.said
    assert run.said.count("alder      200 960") == 2 and "quarry     200 None" in run.said


def attached_process(run: Run) -> None:
    assert len(run.calls) == 1
    assert re.search(r"The room knew this process as \w\w-[0-9a-f]{8}: stopped, \$0\.0000\d\d spent", run.said)


def goal_driven_agent(run: Run) -> None:
    assert re.search(r"1\. search\(.+\n.+\n2\. write_file\(.+\n.+\n3\. finish\(.+\nFinished: ", run.said)
    assert [event["payload"]["name"] for event in run.events("tool.ended")] == ["search", "write_file"]


def constrained_agent(run: Run) -> None:
    assert "A constraint holds: " in run.said and "It ends: " in run.said
    assert [call["refusal"] for call in run.calls][-1] == "budget"


def langchain_chain(run: Run) -> None:
    assert len(run.calls) == 3 and "Hi Tom Becker" in run.said and "3 messages for $0.0000" in run.said


def langchain_agent(run: Run) -> None:
    assert [call["provider"] for call in run.calls] == ["anthropic"] * 2
    assert {event["payload"]["name"] for event in run.events("tool.ended")} == {"get_weather", "find_train"}
    assert "- Oslo: 17 degrees and overcast" in run.said


def langchain_memory(run: Run) -> None:
    assert "room 12: 4 messages are remembered" in run.said and "room 14: 2 messages are remembered" in run.said
    first, _, second = (call["usage"]["input"] for call in run.calls)
    assert second > first


def langchain_tools(run: Run) -> None:
    assert "Call back at [PHONE_REDACTED]." in run.said and "Not done: " in run.said
    assert [event["payload"]["name"] for event in run.events("tool.ended")] == ["save_note", "save_note"]


def langchain_streaming(run: Run) -> None:
    assert [call["isStreamed"] for call in run.calls] == [True] * 4
    assert all(int(pieces) > 10 for pieces in re.findall(r"(\d+) pieces", run.said)) and "binding a book: " in run.said


def langchain_protected_chain(run: Run) -> None:
    assert run.calls[-1]["refusal"] == "budget" and sum(call["cost"] for call in run.calls) <= 30_000_000
    assert "Closed after 4 questions" in run.said and "{'email': 2}" in run.said and "dana.reed" not in run.said


def langgraph_review(run: Run) -> None:
    rounds = run.said.count(" stars")
    assert 1 <= rounds <= 3 and len(run.calls) == 2 * rounds and run.models == {"gpt-4o", "gpt-4o-mini"}
    assert "1. Start with what is known about" in run.said


def qualify(run: Run) -> None:
    assert re.search(r"^Alder Works \(40 employees\): \d+$", run.said, re.MULTILINE) and len(run.calls) == 2


def test_qualify(run: Run) -> None:
    assert "5 passed" in run.said


# It is no test of this file.
test_qualify.__test__ = False  # type: ignore[attr-defined]

CLAIMS: dict[str, Callable[[Run], None]] = {
    **{f"{claim.__name__}.py": claim for claim in (openai_chat, openai_structured, openai_embeddings, anthropic_messages)},
    **{f"{claim.__name__}.py": claim for claim in (budget_limit, cheap_model_first, private_data, circuit_breaker, multi_provider)},
    **{f"{claim.__name__}.py": claim for claim in (provider_outage, key_rotation, checkpoints, parallel_threads, parallel_asyncio)},
    **{f"{claim.__name__}.py": claim for claim in (plain_http, unmodified_script, streaming_generators, guarded_tools, attached_process)},
    **{f"{claim.__name__}.py": claim for claim in (goal_driven_agent, constrained_agent, langchain_chain, langchain_agent)},
    **{f"{claim.__name__}.py": claim for claim in (langchain_memory, langchain_tools, langchain_streaming, langchain_protected_chain)},
    "langgraph_review.py": langgraph_review,
    "agent_file/enrich_leads.py": agent_file,
    "testing/qualify.py": qualify,
    "testing/test_qualify.py": test_qualify,
}


@pytest.mark.room
@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_an_example_does_what_it_claims(runs: Runs, name: str) -> None:
    missing = [library for library in LIBRARIES if EXAMPLES[name].uses(library) and find_spec(library) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed here")
    run = runs[name]
    assert run.code == 0, f"{run.said}\n{run.told}"
    CLAIMS[name](run)
    if run.agent_id:
        assert run.went_past_us == []


def test_every_example_is_run_here_or_with_the_crews() -> None:
    assert sorted(EXAMPLES) == sorted(CLAIMS)
    assert len(examples()) >= 22


def test_every_example_compiles() -> None:
    for one in examples():
        compile(one.text, one.name, "exec")


def test_the_index_has_every_example_with_what_it_teaches() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| \[`([^`]+)`\]\(\1\) \| (.+) \|$", index, re.MULTILINE))
    wanted = {one.name: one.teaches for one in examples()}
    lines = "\n".join(f"| [`{name}`]({name}) | {teaches} |" for name, teaches in wanted.items() if listed.get(name) != teaches)
    assert not lines, f"examples/README.md lacks:\n{lines}"
    assert listed.keys() == wanted.keys(), f"It lists what is not there: {listed.keys() - wanted.keys()}"


def test_every_example_is_short_and_started_by_its_own_name() -> None:
    for one in examples():
        assert 20 <= len(one.text.splitlines()) <= 80, one.name
        assert f"examples/{one.name}" in one.command, one.name
