"""A model that says what it is told to say."""

from __future__ import annotations

import json
from threading import Lock

from iron_cage.errors import from_exception
from iron_cage.testing._exchange import Exchange, Failure, Reply, Streamed
from iron_cage.testing.responses import Answer, ToolCall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    from iron_cage.testing._room import MockRoom
    from iron_cage.testing.responses import Provider

    #: Text, a tool call or several, a Reply, a Failure, an exception, or a function of the request that gives one of these.
    Said: TypeAlias = str | ToolCall | Sequence[ToolCall] | Reply | Failure | BaseException
    Response: TypeAlias = Said | Callable[[Mapping[str, Any]], Said]

_ANSWER = "A made-up answer."


class ProviderError(Exception):
    """A provider did not answer, when a FakeModel was asked by itself; SDKs raise their own."""

    def __init__(self, status: int, message: str, retry_after: float | None) -> None:
        super().__init__(message)
        self.status_code = status
        self.retry_after = retry_after


class FakeModel:
    """Made by `MockRuntime.llm`. It answers with its responses in turn, and goes on with the last one.

        model = runtime.llm(["first", Failure(429, retry_after=30), "second"])
        model("question")          # the text, as the program may see it
        list(model.stream("…"))    # in pieces
        await model.ask_async("…")

    Clients of OpenAI and Anthropic that are made within the block ask it as well.
    """

    def __init__(
        self, room: MockRoom, responses: Sequence[Response], model: str, is_for_all: bool, prices: Mapping[str, tuple[float, float]]
    ) -> None:
        self._room = room
        self._responses = list(responses) or [_ANSWER]
        self._lock = Lock()
        self.model = model
        self.is_for_all = is_for_all
        self.prices = prices
        #: What it was asked, as it saw it.
        self.requests: list[Mapping[str, Any]] = []

    def __repr__(self) -> str:
        return f"<FakeModel {self.model}, asked {len(self.requests)} times>"

    def next(self, request: Mapping[str, Any]) -> Reply | Failure:
        """What it says to a request; raises where an exception was put there."""
        with self._lock:
            said = self._responses[min(len(self.requests), len(self._responses) - 1)]
            self.requests.append(request)
        if callable(said) and not isinstance(said, BaseException):
            said = said(request)
        if isinstance(said, BaseException):
            raise said
        if isinstance(said, str):
            return Reply(said)
        if isinstance(said, ToolCall):
            return Reply(tool_calls=[said])
        return said if isinstance(said, Reply | Failure) else Reply(tool_calls=list(said))

    def __call__(self, prompt: str, *, max_tokens: int | None = None) -> str:
        """The text. Raises BudgetExceeded, PIIBlocked, CircuitOpen, or ProviderError."""
        exchange = self._exchange(prompt, max_tokens, is_streamed=False)
        _check(exchange.answer())
        return exchange.text

    def ask(self, prompt: str, *, max_tokens: int | None = None) -> Any:
        """The whole answer as the provider gives it, as a dict."""
        answer = self._exchange(prompt, max_tokens, is_streamed=False).answer()
        _check(answer)
        return answer.json() if isinstance(answer, Answer) else None

    async def ask_async(self, prompt: str, *, max_tokens: int | None = None) -> str:
        """The text, for code that waits."""
        return self(prompt, max_tokens=max_tokens)

    def stream(self, prompt: str, *, max_tokens: int | None = None) -> Iterator[str]:
        """The text in pieces."""
        exchange = self._exchange(prompt, max_tokens, is_streamed=True)
        answer = exchange.answer()
        _check(answer)
        if isinstance(answer, Streamed):
            for piece in answer.pieces:
                text = _text_of(piece)
                if text:
                    yield text

    def _exchange(self, prompt: str, max_tokens: int | None, *, is_streamed: bool) -> Exchange:
        provider: Provider = "anthropic" if self.model.startswith("claude") else "openai"
        body: dict[str, Any] = {"model": self.model, "messages": [{"role": "user", "content": prompt}], "stream": is_streamed}
        if max_tokens is not None:
            body["max_tokens"] = max_tokens
        return Exchange(self._room, self, provider, "messages" if provider == "anthropic" else "chat/completions", body)


class _Refusal(Exception):
    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body


def _check(answer: Answer | Streamed) -> None:
    if answer.status < 400 or isinstance(answer, Streamed):
        return
    body = answer.json()
    ours = from_exception(_Refusal(body))
    if ours is not None:
        raise ours
    after = answer.headers.get("retry-after")
    raise ProviderError(answer.status, body["error"]["message"], None if after is None else float(after))


def _text_of(piece: bytes) -> str:
    data = piece.decode().partition("data: ")[2].strip()
    if data == "[DONE]":
        return ""
    event = json.loads(data)
    if "choices" in event:
        return "".join(choice["delta"].get("content") or "" for choice in event["choices"])
    delta = event.get("delta", {})
    return str(delta.get("text", "")) if isinstance(delta, dict) else ""
