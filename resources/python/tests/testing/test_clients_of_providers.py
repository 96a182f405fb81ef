"""The real clients of OpenAI and Anthropic, and LangChain's, against MockRuntime: unchanged, and without a network."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from iron_cage import BudgetExceeded, CircuitOpen, PIIBlocked, protect_agent
from iron_cage.errors import from_exception
from iron_cage.testing import Failure, MockRuntime, ToolCall, assert_budget_exceeded

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")

ASK: dict[str, Any] = {"model": "gpt-4", "max_tokens": 50, "messages": [{"role": "user", "content": "Is bo@example.com worth a call?"}]}
CLAUDE: dict[str, Any] = {**ASK, "model": "claude-sonnet-5"}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise AssertionError("A test of MockRuntime has opened a connection.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_openai_is_answered_redacted_and_counted() -> None:
    with MockRuntime(budget=1.00) as runtime:
        runtime.llm(["Call (212) 555-0147"])
        answer = openai.OpenAI().chat.completions.create(**ASK)
        assert answer.choices[0].message.content == "Call [PHONE_REDACTED]" and answer.usage.total_tokens > 0
    (call,) = runtime.calls
    assert call.request["messages"][0]["content"] == "Is [EMAIL_REDACTED] worth a call?"
    assert (call.provider, call.endpoint, call.outcome) == ("openai", "chat/completions", "answered")
    assert 0 < call.cost == runtime.spent


def test_streams_of_both() -> None:
    with MockRuntime(budget=1.00) as runtime:
        runtime.llm(["It is worth a call, says bo@example.com."])
        chunks = openai.OpenAI().chat.completions.create(**ASK, stream=True, stream_options={"include_usage": True})
        pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
        assert "".join(piece or "" for piece in pieces) == "It is worth a call, says [EMAIL_REDACTED]."
        with anthropic.Anthropic().messages.stream(**CLAUDE) as stream:
            assert stream.get_final_text() == "It is worth a call, says [EMAIL_REDACTED]."
    assert [call.outcome for call in runtime.calls] == ["answered", "answered"] and runtime.room.book.reserved == 0


def test_tools_of_both() -> None:
    with MockRuntime(budget=1.00) as runtime:
        runtime.llm([ToolCall("look_up", {"lead": "acme"})])
        (called,) = openai.OpenAI().chat.completions.create(**ASK).choices[0].message.tool_calls
        assert (called.function.name, called.function.arguments) == ("look_up", '{"lead": "acme"}')
        (block,) = anthropic.Anthropic().messages.create(**CLAUDE).content
        assert (block.name, block.input) == ("look_up", {"lead": "acme"})
        with anthropic.Anthropic().messages.stream(**CLAUDE) as stream:
            assert stream.get_final_message().content[0].input == {"lead": "acme"}


def test_other_endpoints_of_openai() -> None:
    with MockRuntime(budget=1.00) as runtime:
        runtime.llm(["Yes."])
        client = openai.OpenAI()
        assert client.responses.create(model="gpt-5-mini", max_output_tokens=20, input="Well?").output_text == "Yes."
        with client.responses.stream(model="gpt-5-mini", max_output_tokens=20, input="Well?") as stream:
            for _event in stream:
                pass
            assert stream.get_final_response().output_text == "Yes."
        assert client.completions.create(model="gpt-3.5-turbo-instruct", max_tokens=20, prompt="Well?").choices[0].text == "Yes."
        assert len(client.embeddings.create(model="text-embedding-3-small", input=["a", "b"], encoding_format="float").data) == 2
        with pytest.raises(openai.NotFoundError, match="has no door"):
            client.models.list()
    assert [call.endpoint for call in runtime.calls][:4] == ["responses", "responses", "completions", "embeddings"]


def test_coroutines() -> None:
    async def main(runtime: MockRuntime) -> list[str]:
        runtime.llm(["Yes."])
        both = openai.AsyncOpenAI(), anthropic.AsyncAnthropic()
        said = [(await both[0].chat.completions.create(**ASK)).choices[0].message.content]
        said += [chunk.choices[0].delta.content or "" async for chunk in await both[0].chat.completions.create(**ASK, stream=True)]
        return [*said, (await both[1].messages.create(**CLAUDE)).content[0].text]

    with MockRuntime(budget=1.00) as runtime:
        assert "".join(asyncio.run(main(runtime))) == "Yes.Yes.Yes."


def test_refusals_are_what_the_gateways_are() -> None:
    with MockRuntime(budget=0.001) as runtime:
        with pytest.raises(openai.APIStatusError) as caught:
            openai.OpenAI().chat.completions.create(**ASK)
        assert caught.value.status_code == 402
        ours = from_exception(caught.value)
        assert isinstance(ours, BudgetExceeded) and ours.limit == 0.001 and ours.requested is not None and ours.requested > 0.001
        with pytest.raises(anthropic.APIStatusError) as theirs:
            anthropic.Anthropic().messages.create(**{**CLAUDE, "max_tokens": 5_000})
        assert isinstance(from_exception(theirs.value), BudgetExceeded)
    assert [call.outcome for call in runtime.calls] == ["refused", "refused"]
    with pytest.raises(PIIBlocked), MockRuntime(pii_detection="block"):
        openai.OpenAI().chat.completions.create(**ASK)


def test_at_the_edge_of_a_block_they_are_ours() -> None:
    @protect_agent(budget=0.001)
    def work() -> object:
        return openai.OpenAI().chat.completions.create(**ASK)

    with MockRuntime(budget=1.00) as runtime:
        with assert_budget_exceeded(limit=0.001):
            work()
        assert runtime.calls[0].scope is not None


def test_a_provider_that_fails_is_left_alone() -> None:
    with MockRuntime(budget=10.00) as runtime:
        runtime.llm([Failure(429, retry_after=120), *[Failure(500)] * 4, "Yes."])
        client = openai.OpenAI(max_retries=0)
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(**ASK)
        for _ in range(4):
            with pytest.raises(openai.InternalServerError):
                client.chat.completions.create(**ASK)
        with pytest.raises(openai.APIStatusError) as caught:
            client.chat.completions.create(**ASK)
        ours = from_exception(caught.value)
        assert isinstance(ours, CircuitOpen) and ours.service == "openai" and ours.retry_after == 120
        runtime.clock.advance(120)
        assert client.chat.completions.create(**ASK).choices[0].message.content == "Yes."
    assert runtime.heard("service.recovered")


def test_a_client_of_ones_own_and_what_goes_elsewhere() -> None:
    library = pytest.importorskip("httpx")
    with MockRuntime(budget=1.00) as runtime:
        runtime.llm(["Yes."])
        with library.Client(transport=runtime.transport(library)) as client:
            answer = client.post("https://models.example.com/v1/chat/completions", json=ASK)
        assert answer.json()["choices"][0]["message"]["content"] == "Yes."
        # Nobody stands before what is no provider: the network's own guard of this test does.
        with pytest.raises(AssertionError, match="opened a connection"), library.Client(trust_env=False) as client:
            client.get("https://service.example.com/")
    with pytest.raises(AssertionError, match="opened a connection"), library.Client(trust_env=False) as client:
        client.post("https://api.openai.com/v1/chat/completions", json=ASK)


def test_langchain() -> None:
    models = pytest.importorskip("langchain_openai")
    with MockRuntime(budget=1.00) as runtime:
        runtime.llm(["Write to bo@example.com."])
        model = models.ChatOpenAI(model="gpt-4o", max_tokens=50)
        assert model.invoke("Well?").content == "Write to [EMAIL_REDACTED]."
        assert "".join(piece.content for piece in model.stream("Well?")) == "Write to [EMAIL_REDACTED]."
        chains = pytest.importorskip("iron_cage.langchain")
        assert chains.IronCageChain(llm=model, budget=0.10).run("Well?") == "Write to [EMAIL_REDACTED]."
    assert runtime.spent > 0 and {call.model for call in runtime.calls} == {"gpt-4o"}
