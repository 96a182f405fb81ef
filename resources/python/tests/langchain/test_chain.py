"""IronCageChain against the other end of the wire, with models of this process."""

from __future__ import annotations

import asyncio
import gc
import re
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("langchain_core")

from langchain_core.callbacks import CallbackManager
from langchain_core.language_models import FakeListChatModel, FakeListLLM
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool

import iron_cage
from iron_cage import BudgetExceeded, CircuitOpen, IronCageChain, PIIBlocked, _context

if TYPE_CHECKING:
    from bridge import Bridge

EMAIL = re.compile(r"\S+@\S+\.\w+")


def redacting(bridge: Bridge) -> Bridge:
    def check(given: dict[str, Any]) -> dict[str, Any]:
        found = any(EMAIL.search(text) for text in given["value"])
        value = [EMAIL.sub("[EMAIL_REDACTED]", text) for text in given["value"]]
        return {"value": value, "isBlocked": False, "types": ["email"] if found else [], "reason": None}

    bridge.answers["output.check"] = check
    return bridge


@pytest.fixture
def room(bridge: Bridge) -> Bridge:
    return redacting(bridge)


def asked_with(answers: list[Any]) -> tuple[RunnableLambda[Any, Any], list[Any]]:
    """A model that tells what it was asked."""
    seen: list[Any] = []

    def answer(given: Any) -> Any:
        seen.append(given)
        return answers[min(len(seen), len(answers)) - 1]

    return RunnableLambda(answer), seen


def test_a_prompt_is_run(room: Bridge) -> None:
    chain = IronCageChain(llm=FakeListLLM(responses=["Hello Ada"]), budget=5.0)
    assert chain.run("Say hello") == "Hello Ada"
    assert asyncio.run(chain.arun("Say hello")) == "Hello Ada"
    assert room.inputs("scope.open") == [{"name": "chain", "budget": "5"}]
    assert chain.spent == 0.1 and chain.limit == 5.0


def test_it_is_a_runnable_like_others(room: Bridge) -> None:
    chain = IronCageChain(llm=FakeListChatModel(responses=["one", "two"]), prompt="Count {what}.")
    assert chain.invoke({"what": "sheep"}).content == "one"
    assert chain.invoke("sheep").content == "two"
    assert {message.content for message in chain.batch(["a", "b"])} == {"one", "two"}
    assert len(asyncio.run(chain.abatch([{"what": "a"}, {"what": "b"}]))) == 2
    piped = chain.with_config(tags=["mine"]) | StrOutputParser()
    assert piped.invoke("sheep") in ("one", "two")
    assert "".join(piped.stream("sheep")) in ("one", "two")
    assert piped.get_graph().nodes and chain.get_input_jsonschema()

    async def events() -> list[str]:
        return [event["event"] async for event in chain.astream_events("sheep")]

    assert {"on_chain_start", "on_chat_model_stream", "on_chain_end"} <= set(asyncio.run(events()))
    before = ChatPromptTemplate.from_messages([("human", "{lead}")]) | IronCageChain(llm=FakeListChatModel(responses=["three"]))
    assert before.invoke({"lead": "Ada"}).content == "three"


def test_private_data_goes_neither_in_nor_out(room: Bridge) -> None:
    model, seen = asked_with([AIMessage("Write to ceo@acme.com today", tool_calls=[{"name": "mail", "args": {"to": "a@b.io"}, "id": "1"}])])
    chain = IronCageChain(llm=model)
    answer = chain.invoke([HumanMessage("I am ada@acme.com")])
    assert seen == [[HumanMessage("I am [EMAIL_REDACTED]")]]
    assert answer.content == "Write to [EMAIL_REDACTED] today" and answer.tool_calls[0]["args"] == {"to": "[EMAIL_REDACTED]"}
    assert chain.findings == {"email": 2}
    assert [given["place"] for given in room.inputs("output.check")] == ["chain.input", "chain.output"]


def test_private_data_is_refused_where_it_may_not_go(room: Bridge) -> None:
    model, seen = asked_with(["never"])
    with pytest.raises(PIIBlocked) as caught:
        IronCageChain(llm=model, pii_detection="block").invoke("I am ada@acme.com")
    assert caught.value.types == ("email",) and seen == []
    assert room.inputs("scope.open")[0]["safetyMode"] == "block"
    IronCageChain(llm=model, pii_detection=False).invoke("I am ada@acme.com")
    assert seen == ["I am ada@acme.com"]


def test_the_budget_is_that_of_all_calls(room: Bridge) -> None:
    chain = IronCageChain(llm=FakeListLLM(responses=["x"]), budget=0.5, name="leads")
    # After the first call, before the second, after it.
    told = iter([100, 100, 250])
    room.answers["scope.status"] = lambda _input: {"spent": next(told, 250) * 1_000_000}
    chain.run("a")
    assert (chain.cost, chain.spent) == (0.1, 0.1)
    chain.run("a")
    assert (chain.cost, chain.spent) == (0.15, 0.25)
    assert room.inputs("scope.open") == [{"name": "leads", "budget": "0.5"}]
    with iron_cage.AgentRuntime(budget=1, name="outer"):
        chain.run("a")
    # Within another block a scope of what is left.
    assert room.inputs("scope.open")[2] == {"name": "leads", "budget": "0.25", "within": "scope-000000000002"}
    chain.close()
    assert len(room.wait("scope.close", 3)) == 3


def test_scopes_of_blocks_that_are_over_are_forgotten(room: Bridge) -> None:
    chain = IronCageChain(llm=FakeListLLM(responses=["x"]), budget=None)
    for _ in range(20):
        with iron_cage.AgentRuntime():
            chain.run("a")
    assert chain.spent == pytest.approx(2.0)
    assert len(chain._account._scopes.open) == len(chain._account._scopes.spent) == 1


def test_a_chain_that_nobody_has_any_more_gives_its_scope_back(room: Bridge) -> None:
    IronCageChain(llm=FakeListLLM(responses=["x"]), name="forgotten").run("a")
    gc.collect()
    assert "scope.close" not in room.commands()
    IronCageChain(llm=FakeListLLM(responses=["x"])).run("a")
    assert room.inputs("scope.close") == [{"scopeId": "scope-000000000001"}]


def test_nothing_is_left(room: Bridge) -> None:
    chain = IronCageChain(llm=FakeListLLM(responses=["x"]), budget=0.1)
    chain.run("a")
    chain.close()
    with pytest.raises(BudgetExceeded, match=r"\$0.25 of \$0.10"):
        chain.run("a")


class Refusal(Exception):
    """As the clients of providers raise it."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.body = {"error": {"message": "no", "iron_cage": {"code": code, **facts}}}


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"code": "budget_exceeded", "limit": 10**9, "spent": 0, "requested": 2 * 10**9}, BudgetExceeded),
        ({"code": "pii_blocked", "types": ["ssn"]}, PIIBlocked),
        ({"code": "circuit_open", "service": "openai", "retryAfterMs": 1000}, CircuitOpen),
    ],
)
def test_refusals_are_ours_on_every_way(room: Bridge, facts: dict[str, Any], kind: type[Exception]) -> None:
    def refuse(_given: Any) -> Any:
        raise Refusal(**facts)

    chain = IronCageChain(llm=RunnableLambda(refuse))

    async def stream() -> None:
        async for _ in chain.astream("a"):
            pass

    ways = [
        lambda: chain.invoke("a"),
        lambda: list(chain.stream("a")),
        lambda: chain.batch(["a"]),
        lambda: asyncio.run(chain.ainvoke("a")),
        lambda: asyncio.run(stream()),
        lambda: (chain | StrOutputParser()).invoke("a"),
    ]
    for way in ways:
        with pytest.raises(kind) as caught:
            way()
        assert isinstance(caught.value.__cause__, Refusal)
    assert _context.current_scope() is None


def test_a_stream_comes_in_pieces_and_redacted(room: Bridge) -> None:
    text = "The first words come soon, and then much is told of a person whose address is ceo@acme.com and of nobody else at all. " * 3
    chain = IronCageChain(llm=FakeListChatModel(responses=[text]))
    pieces = list(chain.stream("go"))
    assert "".join(piece.text for piece in pieces) == text.replace("ceo@acme.com", "[EMAIL_REDACTED]")
    assert len(pieces) > 100
    parts = [given["value"][0] for given in room.inputs("output.check") if given["place"] == "chain.output"]
    assert "".join(parts) == text and len(parts) > 3

    async def stream() -> str:
        return "".join([piece.text async for piece in chain.astream("go")])

    assert asyncio.run(stream()) == text.replace("ceo@acme.com", "[EMAIL_REDACTED]")


def test_pieces_go_on_before_the_last_has_come(room: Bridge) -> None:
    made: list[int] = []

    def words(_given: Any) -> Any:
        for number in range(100):
            made.append(number)
            yield "word "

    steps = IronCageChain(llm=RunnableLambda(words)).stream("go")
    assert next(steps) == "word " and len(made) < 20
    assert _context.current_scope() is None
    steps.close()
    assert len(made) < 20


def test_what_was_said_is_remembered_by_session(room: Bridge) -> None:
    model, seen = asked_with([AIMessage("one"), AIMessage("two"), AIMessage("three")])
    chain = IronCageChain(llm=model, prompt="You are brief.", history=True)
    ada: Any = {"configurable": {"session_id": "ada"}}
    chain.invoke("first", ada)
    asyncio.run(chain.ainvoke("second", ada))
    list(chain.stream("third", ada))
    chain.invoke("other", {"configurable": {"session_id": "grace"}})
    told = [[message.content for message in messages] for messages in seen]
    assert told == [
        ["You are brief.", "first"],
        ["You are brief.", "first", "one", "second"],
        ["You are brief.", "first", "one", "second", "two", "third"],
        ["You are brief.", "other"],
    ]
    assert isinstance(seen[2][0], SystemMessage)


def test_templates_with_a_place_for_what_was_said(room: Bridge) -> None:
    model, seen = asked_with(["fine"])
    prompt = ChatPromptTemplate.from_messages([("system", "Be {tone}."), MessagesPlaceholder("history"), ("human", "{question}")])
    chain = IronCageChain(llm=model, prompt=prompt, history=True)
    assert chain.run(tone="kind", question="How?") == "fine"
    chain.invoke({"tone": "brief", "question": "Why?"})
    assert [message.content for message in seen[1]] == ["Be brief.", "How?", "fine", "Why?"]


def test_tools_of_others_are_told_of_once(room: Bridge) -> None:
    @tool
    def find_mail(company: str) -> str:
        """Finds the address of a company."""
        return f"ceo@{company}.com"

    room.answers["tool.begin"] = lambda given: {"isAllowed": True, "reason": None, "input": {"company": "globex"}}
    room.answers["tool.end"] = lambda given: {"output": "[EMAIL_REDACTED]"}
    handler = iron_cage.IronCageCallbackHandler()
    chain = IronCageChain(llm=find_mail, callbacks=[handler])
    message = chain.invoke({"name": "find_mail", "args": {"company": "acme"}, "id": "call-1", "type": "tool_call"})
    assert message.content == "[EMAIL_REDACTED]"
    (begun,), (ended,) = room.inputs("tool.begin"), room.inputs("tool.end")
    assert (begun["name"], begun["input"], ended["isOk"], ended["output"]) == ("find_mail", {"company": "acme"}, True, "ceo@globex.com")
    room.answers["tool.begin"] = lambda given: {"isAllowed": False, "reason": "The tool find_mail is not allowed.", "input": None}
    with pytest.raises(iron_cage.NotAllowed, match="not allowed"):
        asyncio.run(chain.ainvoke({"company": "acme"}))


def test_mistakes_are_told_where_they_are_made(room: Bridge) -> None:
    with pytest.raises(TypeError, match="expected a model"):
        IronCageChain(llm="gpt-4")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="budget"):
        IronCageChain(llm=FakeListLLM(responses=["x"]), budget=-1)
    with pytest.raises(TypeError, match="variables a, b"):
        IronCageChain(llm=FakeListLLM(responses=["x"]), prompt="{a} and {b}").run("one")
    with pytest.raises(TypeError, match="chat models"):
        IronCageChain(llm=FakeListLLM(responses=["x"])).bind_tools([])


def test_the_handler_tells_of_runs_models_and_errors(room: Bridge) -> None:
    handler = iron_cage.IronCageCallbackHandler(unit="lead", total=3)
    chain = ChatPromptTemplate.from_template("{lead}") | FakeListChatModel(responses=["x"])
    with iron_cage.AgentRuntime():
        chain.invoke({"lead": "Ada"}, {"callbacks": [handler]})
        with pytest.raises(ValueError, match="no lead"):
            RunnableLambda(lambda _: (_ for _ in ()).throw(ValueError("no lead"))).invoke("x", {"callbacks": [handler]})
    assert [(told["done"], told["failed"], told["total"]) for told in room.wait("agent.progress", 2)] == [(1, 0, 3), (2, 1, 3)]
    assert room.wait("agent.raise")[0]["message"] == "no lead"
    assert sum(handler.models.values()) == 1


def test_it_works_with_a_runtime_in_memory() -> None:
    from iron_cage.testing import MockRuntime

    @tool
    def find_mail(company: str) -> str:
        """Finds the address of a company."""
        return f"ceo@{company}.com"

    with MockRuntime(budget=1.0) as runtime:
        chain = IronCageChain(llm=FakeListChatModel(responses=["Write to ada@acme.com"]), budget=0.5)
        assert chain.run("I am grace@acme.com") == "Write to [EMAIL_REDACTED]"
        assert "".join(piece.text for piece in chain.stream("hello")) == "Write to [EMAIL_REDACTED]"
        assert chain.findings["email"] >= 2
        assert find_mail.invoke({"company": "acme"}) == "[EMAIL_REDACTED]"
    assert [event.name for event in runtime.events if event.name.startswith("tool.")] == ["tool.began", "tool.ended"]


def test_the_handler_tells_of_tools_that_are_not_langchains_own(room: Bridge) -> None:
    room.answers["tool.begin"] = lambda given: {"isAllowed": given["name"] != "shell", "reason": None, "input": given["input"]}
    room.answers["tool.end"] = lambda given: {"output": given["output"]}
    handler = iron_cage.IronCageCallbackHandler()
    with iron_cage.AgentRuntime():
        manager = CallbackManager.configure([handler])
        manager.on_tool_start({"name": "search"}, "anvils").on_tool_end("two found")
        manager.on_tool_start({"name": "search"}, "").on_tool_error(ValueError("nothing"))
        with pytest.raises(iron_cage.NotAllowed):
            manager.on_tool_start({"name": "shell"}, "ls")
    assert [(ended["isOk"], ended["output"], ended["error"]) for ended in room.wait("tool.end", 2)] == [
        (True, "two found", None),
        (False, None, "ValueError: nothing"),
    ]
