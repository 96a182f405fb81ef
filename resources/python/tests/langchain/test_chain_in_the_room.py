"""Chains and agents with the real clients of providers, against the real gateway and the simulated provider. There is no network."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

for library in ("langchain", "langchain_openai", "langchain_anthropic", "langgraph"):
    pytest.importorskip(library)

if TYPE_CHECKING:
    from conftest import TestRoom

pytestmark = pytest.mark.room

KEYS = {"OPENAI_API_KEY": "sk-invented", "ANTHROPIC_API_KEY": "sk-ant-invented"}
AGENT = """
from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

@tool
def find_company(company: str) -> str:
    "Finds what is known of a company."
    return f"{company} makes anvils; write to ceo@acme.com"

agent = create_agent(ChatOpenAI(model="gpt-4", max_tokens=200), [find_company])
"""


def said(room: TestRoom, code: str) -> Any:
    done = room.run_python(textwrap.dedent(code), **KEYS)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def run_agent(room: TestRoom, name: str, code: str, **settings: Any) -> dict[str, Any]:
    agent = room.settled(room.start(room.write(name, code), **settings))
    assert agent["status"] == "stopped", agent["lastOutput"]
    return agent


def tool_events(room: TestRoom, agent: dict[str, Any]) -> list[dict[str, Any]]:
    return [event for event in room.events(agent["id"]) if event["name"].startswith("tool.")]


def test_models_that_were_made_outside_of_any_block(room: TestRoom) -> None:
    told = said(
        room,
        """
        import asyncio, json
        from iron_cage import IronCageChain
        from langchain_anthropic import ChatAnthropic
        from langchain_openai import ChatOpenAI, OpenAI

        told = []
        for llm in (ChatOpenAI(model="gpt-4", max_tokens=60), ChatAnthropic(model="claude-3-opus-20240229", max_tokens=60),
                    OpenAI(model="gpt-3.5-turbo-instruct", max_tokens=60)):
            with IronCageChain(llm=llm, budget=1.0) as chain:
                first = chain.run("Write to ada@acme.com, please")
                streamed = list(chain.stream("Name three ideas"))
                told.append([bool(first), chain.cost > 0, chain.spent > chain.cost, len(streamed) > 3, list(chain.findings)])
                told[-1].append(bool(asyncio.run(chain.arun("hello"))))
        print(json.dumps(told))
        """,
    )
    assert told == [[True, True, True, True, ["email"], True]] * 3


def test_refusals_come_out_as_ours(room: TestRoom) -> None:
    told = said(
        room,
        """
        import asyncio, json
        from iron_cage import BudgetExceeded, IronCageChain, PIIBlocked
        from langchain_openai import ChatOpenAI

        poor = IronCageChain(llm=ChatOpenAI(model="gpt-4", max_tokens=100), budget=0.0005)
        ways = [lambda: poor.invoke("a"), lambda: list(poor.stream("a")), lambda: asyncio.run(poor.ainvoke("a")), lambda: poor.batch(["a"])]
        told = []
        for way in ways:
            try:
                way()
            except BudgetExceeded as problem:
                told.append([problem.limit, type(problem.__cause__).__module__.partition(".")[0]])
        print(json.dumps(told))
        """,
    )
    assert told == [[0.0005, "openai"]] * 4
    kind = said(
        room,
        """
        import json
        from iron_cage import IronCageChain, PIIBlocked
        from langchain_core.runnables import RunnableLambda
        from langchain_openai import ChatOpenAI

        # Private data that first comes up on the way to the model.
        model = RunnableLambda(lambda text: text + " 536-90-4399") | ChatOpenAI(model="gpt-4", max_tokens=50)
        told = []
        for text in ("hello", "My number is 536-90-4399"):
            try:
                IronCageChain(llm=model, pii_detection="block").invoke(text)
            except PIIBlocked as problem:
                told.append([problem.types, type(problem.__cause__).__name__])
        print(json.dumps(told))
        """,
    )
    assert kind == [[["ssn"], "OpenAIPermissionDeniedError"], [["ssn"], "NoneType"]]


@pytest.mark.parametrize(
    "model", ['ChatOpenAI(model="gpt-4", max_tokens=200)', 'ChatAnthropic(model="claude-3-opus-20240229", max_tokens=200)']
)
def test_an_agent_of_a_model_and_tools(room: TestRoom, model: str) -> None:
    told = said(
        room,
        AGENT
        + f"""
import json
from iron_cage import IronCageChain
from langchain_anthropic import ChatAnthropic

llm = {model}
"""
        + """
with IronCageChain(llm=llm, name="tooled " + type(llm).__name__, tools=[find_company], prompt="You are brief.", history=True) as chain:
    answer = chain.invoke("Find what is known of the company Acme")
    pieces = list(chain.stream("Find what is known of the company Globex"))
    remembered = [message.type for message in chain._history("default").messages]
print(json.dumps([answer.type, bool(answer.text), len(pieces) > 3, "".join(piece.text for piece in pieces) != "", remembered]))
""",
    )
    assert told[:4] == ["ai", True, True, True]
    assert told[4] == ["human", "ai", "tool", "ai"] * 2
    agent = room.agents(f"tooled {model.partition('(')[0]}")[0]
    events = tool_events(room, agent)
    assert [event["name"] for event in events] == ["tool.began", "tool.ended"] * 2
    assert "[EMAIL_REDACTED]" in json.dumps(events[1]["payload"]) and "ceo@" not in json.dumps(events)


def test_a_graph_with_a_checkpointer(room: TestRoom) -> None:
    told = said(
        room,
        AGENT
        + """
import asyncio, json
from iron_cage import IronCageChain
from langgraph.checkpoint.memory import InMemorySaver

agent = create_agent(ChatOpenAI(model="gpt-4", max_tokens=200), [find_company], checkpointer=InMemorySaver())
chain = IronCageChain(llm=agent, budget=1.0)
thread = {"configurable": {"thread_id": "1"}}
first = chain.invoke("Find what is known of the company Acme, ask ada@acme.com", thread)
updates = list(chain.stream("Summarise it", thread, stream_mode="updates"))
tokens = list(chain.stream("Say it again", thread, stream_mode=["messages", "values"]))
text = "".join(piece[1][0].text for piece in tokens if piece[0] == "messages" and piece[1][0].type == "AIMessageChunk")

async def others():
    second = await chain.ainvoke({"messages": [("human", "And what of Globex?")]}, thread)
    return second, [piece async for piece in chain.astream("Once more", thread, stream_mode="messages")]

second, streamed = asyncio.run(others())
print(json.dumps([
    [message.type for message in first["messages"]], first["messages"][0].content, len(second["messages"]) > len(first["messages"]),
    [list(update) for update in updates], tokens[-1][0], bool(text), len(streamed) > 3, chain.run("hello", config=thread) != "",
    chain.spent > 0,
]))
""",
    )
    types, asked, *others = told
    assert types == ["human", "ai", "tool", "ai"] and asked == "Find what is known of the company Acme, ask [EMAIL_REDACTED]"
    assert others == [True, [["model"]], "values", True, True, True, True]


def test_an_unmodified_agent_is_seen_and_kept_to_the_rules(room: TestRoom) -> None:
    ask = 'answer = agent.invoke({"messages": [("human", "Find what is known of the company Acme")]})["messages"]\n'
    agent = run_agent(
        room,
        "unmodified_agent.py",
        AGENT + ask + "open('answer.txt', 'w').write(str([(message.type, message.text) for message in answer]))\n"
        "import asyncio\nasyncio.run(agent.ainvoke({'messages': [('human', 'Find what is known of the company Globex')]}))",
    )
    answer = (room.folder / "answer.txt").read_text()
    assert "('tool', 'Acme makes anvils; write to [EMAIL_REDACTED]')" in answer, answer
    assert [event["name"] for event in tool_events(room, agent)] == ["tool.began", "tool.ended"] * 2
    assert room.request("GET", f"/agents/{agent['id']}/metrics")["budget"]["spent"] > 0


def test_an_unmodified_agent_may_not_use_what_is_forbidden(room: TestRoom) -> None:
    room.write("forbidding.yaml", "allowed_tools: [send_mail]\n")
    # Not by a model, whose answer the gateway would not have let through.
    ask = 'try:\n    find_company.invoke({"company": "Acme"})\n'
    caught = "except Exception as problem:\n    open('refused.txt', 'w').write(f'{type(problem).__name__}: {problem}')\n"
    agent = run_agent(room, "forbidden_tool.py", AGENT + ask + caught, config=str(room.folder / "forbidding.yaml"))
    assert (room.folder / "refused.txt").read_text().startswith("NotAllowed: ")
    assert [event["payload"].get("isAllowed") for event in tool_events(room, agent)] == [False]


def test_a_model_that_is_told_to_go_elsewhere_comes_to_the_gateway(room: TestRoom) -> None:
    agent = run_agent(
        room,
        "elsewhere.py",
        "from langchain_openai import ChatOpenAI, OpenAI\n"
        "from langchain_anthropic import ChatAnthropic\n"
        "for llm in (ChatOpenAI(model='gpt-4', base_url='https://api.openai.com/v1', max_tokens=20),\n"
        "            OpenAI(model='gpt-3.5-turbo-instruct', base_url='https://api.openai.com/v1', max_tokens=20),\n"
        "            ChatAnthropic(model='claude-3-opus-20240229', base_url='https://api.anthropic.com', max_tokens=20)):\n"
        "    llm.invoke('hello')\n",
    )
    calls = room.request("GET", f"/agents/{agent['id']}/metrics")
    assert calls["budget"]["spent"] > 0


def test_large_results_go_through(room: TestRoom) -> None:
    agent = run_agent(
        room,
        "large_result.py",
        """
from langchain_core.tools import tool

@tool
def read_page(url: str) -> str:
    "Reads a page."
    return "words of a page, " * 100_000 + "write to ceo@acme.com"

page = read_page.invoke({"url": "x" * 1_500_000})
open("page.txt", "w").write(f"{len(page)} {page[-30:]}")
""",
    )
    assert (room.folder / "page.txt").read_text() == "1700025 age, write to [EMAIL_REDACTED]"
    assert [event["name"] for event in tool_events(room, agent)] == ["tool.began", "tool.ended"]


def test_the_handler_tells_the_room_where_no_block_is_open(room: TestRoom) -> None:
    agent = run_agent(
        room,
        "handled_chain.py",
        """
from iron_cage.langchain import IronCageCallbackHandler
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI

handler = IronCageCallbackHandler(unit="lead", total=3)
chain = ChatPromptTemplate.from_template("Is {lead} worth a call?") | ChatOpenAI(model="gpt-4", max_tokens=20)
chain.batch([{"lead": "Acme"}, {"lead": "Globex"}], {"callbacks": [handler]})
try:
    chain.invoke({"person": "nobody"}, {"callbacks": [handler]})
except KeyError:
    pass
""",
    )
    budget = room.request("GET", f"/agents/{agent['id']}/budget")
    assert budget["progress"] == {"done": 3, "total": 3, "unit": "lead", "failed": 1}
    raised = [event for event in room.events(agent["id"]) if event["name"] == "agent.raised"]
    assert [event["payload"]["raised"]["type"] for event in raised] == ["KeyError"], [event["name"] for event in room.events(agent["id"])]
