"""What the gateway does with a call to a model, with a made-up model behind it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from iron_cage import _context
from iron_cage.errors import BudgetExceeded, IronCageError, NotAllowed, PIIBlocked
from iron_cage.testing import _formats, responses
from iron_cage.testing._events import Call
from iron_cage.testing._prices import price_of
from iron_cage.testing.responses import Answer, ToolCall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from iron_cage.testing._budget import Claim
    from iron_cage.testing._model import FakeModel
    from iron_cage.testing._prices import Price
    from iron_cage.testing._room import MockRoom
    from iron_cage.testing.responses import Provider

_NANODOLLARS = 1_000_000_000
_ENDPOINTS = ("chat/completions", "responses", "completions", "embeddings", "messages")
#: Of our refusals: status, what OpenAI calls it, and what Anthropic does.
_SHAPES = {
    "BUDGET_EXCEEDED": (402, "insufficient_quota", "budget_exceeded", "billing_error"),
    "PII_BLOCKED": (403, "invalid_request_error", "blocked_by_policy", "permission_error"),
    "CIRCUIT_OPEN": (503, "server_error", "circuit_open", "overloaded_error"),
    "UNKNOWN_MODEL": (400, "invalid_request_error", "model_not_priced", "invalid_request_error"),
    "UNKNOWN_PATH": (404, "invalid_request_error", "unknown_url", "not_found_error"),
}


@dataclass(frozen=True)
class Reply:
    """What the made-up model says, with counts of its own where the text's length does not give them."""

    text: str = ""
    tool_calls: Sequence[ToolCall] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    #: In dollars; instead of what the tokens cost. Never more than was reserved.
    cost: float | None = None
    #: Into how many a stream is cut.
    pieces: int = 3


@dataclass(frozen=True)
class Failure:
    """The provider does not answer, or says that it will not."""

    status: int = 500
    message: str = ""
    retry_after: float | None = None


@dataclass(frozen=True)
class Streamed:
    status: int
    headers: Mapping[str, str]
    pieces: Iterator[bytes]


def place_of(url: str) -> tuple[Provider, str]:
    """Whose call it is, and to which endpoint; the endpoint is empty where it is none."""
    path = urlsplit(url).path.rstrip("/")
    endpoint = next((one for one in _ENDPOINTS if path.endswith(f"/{one}")), "")
    return ("anthropic" if endpoint == "messages" else "openai"), endpoint


def tokens_of(value: Any) -> int:
    """Here a token is four characters."""
    if isinstance(value, str):
        return -(-len(value) // 4)
    if isinstance(value, list | tuple):
        return sum(tokens_of(one) for one in value)
    return sum(tokens_of(one) for one in value.values()) if isinstance(value, dict) else 0


class Exchange:
    """One call, from the request to its settlement."""

    def __init__(self, room: MockRoom, model: FakeModel, provider: Provider, endpoint: str, body: Mapping[str, Any]) -> None:
        self.room = room
        self.model = model
        self.provider = provider
        self.endpoint = endpoint
        self.name = str(body.get("model", ""))
        self.body = dict(body)
        self.scope = _context.current_scope()
        self.most_output = next(
            (int(body[name]) for name in ("max_completion_tokens", "max_output_tokens", "max_tokens") if isinstance(body.get(name), int)),
            None,
        )
        self.text = ""
        self.input_tokens = 0
        self.output_tokens = 0

    def answer(self) -> Answer | Streamed:
        with self.room.lock:
            return self._answer()

    def _answer(self) -> Answer | Streamed:
        if not self.endpoint:
            return self._refuse(NotAllowed("The gateway has no door for it: nothing was forwarded.", code="UNKNOWN_PATH"))
        judged = self.room.judge(self.body, "to-model", "")
        if judged.blocked is not None:
            # Nothing of it is written down either.
            self.body = {}
            return self._refuse(PIIBlocked(judged.types, message=judged.blocked))
        self.body = judged.value
        price = price_of(self.name, self.model.prices)
        if price is None:
            message = f"The model {self.name!r} has no price here; name dollars for a million tokens in, and out, with llm(prices=...)."
            return self._refuse(NotAllowed(message, code="UNKNOWN_MODEL"))
        asked = {name: self.body[name] for name in ("messages", "system", "prompt", "input", "instructions", "tools") if name in self.body}
        self.input_tokens = tokens_of(asked)
        choices = self.body.get("n", 1) if isinstance(self.body.get("n", 1), int) else 1
        try:
            claim = self.room.reserve(
                price.worst(self.input_tokens, 0 if self.endpoint == "embeddings" else self.most_output, choices), self.scope
            )
        except BudgetExceeded as problem:
            return self._refuse(problem, is_known=True)
        begun = self.room.services.begin_upstream(self.provider)
        if begun is None:
            self.room.book.leave(claim)
            return self._refuse_open()
        try:
            said = self.model.next(self.body)
        except BaseException:
            self.room.book.leave(claim)
            self.room.services.end_upstream(self.provider, begun, "failed", "ConnectionError", None)
            self._record("failed", 0, 0, "the connection broke")
            raise
        if isinstance(said, Failure):
            self.room.book.leave(claim)
            is_failure = said.status >= 500 or said.status in (408, 425, 429)
            after = None if said.retry_after is None else round(said.retry_after * 1000)
            self.room.services.end_upstream(self.provider, begun, "failed" if is_failure else "callers-fault", str(said.status), after)
            self._record("failed", said.status, 0, f"the provider said {said.status}")
            return responses.error(self.provider, said.status, said.message, retry_after=said.retry_after)
        self.room.services.end_upstream(self.provider, begun, "ok", None, None)
        return self._give(said, price, claim)

    def _give(self, reply: Reply, price: Price, claim: Claim) -> Answer | Streamed:
        calls = [{"name": call.name, "arguments": dict(call.arguments), "id": call.id} for call in reply.tool_calls]
        judged = self.room.judge({"text": reply.text, "tool_calls": calls}, "from-model", "")
        if reply.input_tokens is not None:
            self.input_tokens = min(reply.input_tokens, price.context)
        said = tokens_of([reply.text, [call["arguments"] for call in calls]]) if reply.output_tokens is None else reply.output_tokens
        most = price.most_output if self.most_output is None else self.most_output
        self.output_tokens = 0 if self.endpoint == "embeddings" else min(said, most)
        cost = price.of(self.input_tokens, self.output_tokens) if reply.cost is None else round(reply.cost * _NANODOLLARS)
        cost = min(cost, claim.amount)
        if judged.blocked is not None:
            # The provider has answered, and bills it.
            self.room.settle(claim, cost)
            return self._refuse(PIIBlocked(judged.types, message=judged.blocked), cost=cost)
        self.text = judged.value["text"]
        tools = [ToolCall(one["name"], one["arguments"], one["id"]) for one in judged.value["tool_calls"]]
        if self.body.get("stream"):
            events = self._events(tools, reply.pieces)
            return Streamed(200, {"content-type": "text/event-stream"}, self._pieces(events, claim, cost))
        self.room.settle(claim, cost)
        self._record("answered", 200, cost)
        return responses.whole(self._document(tools))

    def _document(self, tools: list[ToolCall]) -> dict[str, Any]:
        counts: dict[str, Any] = {"model": self.name, "input_tokens": self.input_tokens, "output_tokens": self.output_tokens}
        if self.endpoint == "messages":
            return responses.anthropic_message(self.text, tool_calls=tools, **counts)
        if self.endpoint == "responses":
            return responses.openai_response(self.text, tool_calls=tools, **counts)
        if self.endpoint == "completions":
            return responses.openai_completion(self.text, **counts)
        if self.endpoint == "embeddings":
            given = self.body.get("input")
            many = len(given) if isinstance(given, list) and given and not isinstance(given[0], int) else 1
            return responses.openai_embeddings(many, model=self.name, input_tokens=self.input_tokens)
        return responses.openai_chat(self.text, tool_calls=tools, **counts)

    def _events(self, tools: list[ToolCall], pieces: int) -> list[dict[str, Any]]:
        counts: dict[str, Any] = {"model": self.name, "input_tokens": self.input_tokens, "output_tokens": self.output_tokens}
        if self.endpoint == "messages":
            return responses.anthropic_stream(self.text, tool_calls=tools, pieces=pieces, **counts)
        if self.endpoint == "completions":
            return responses.openai_completion_stream(self.text, model=self.name, pieces=pieces)
        if self.endpoint == "responses":
            return responses.openai_response_stream(self.text, tool_calls=tools, pieces=pieces, **counts)
        options = self.body.get("stream_options")
        with_usage = isinstance(options, dict) and bool(options.get("include_usage"))
        return responses.openai_chat_stream(self.text, tool_calls=tools, pieces=pieces, with_usage=with_usage, **counts)

    def _pieces(self, events: list[dict[str, Any]], claim: Claim, cost: int) -> Iterator[bytes]:
        """What is reserved is held until the last piece is read, or nobody reads any more."""
        given = 0
        try:
            is_sse_of_openai = self.endpoint in ("chat/completions", "completions")
            for piece in responses.sse(events, "openai" if is_sse_of_openai else "anthropic"):
                given += 1
                yield piece
        finally:
            with self.room.lock:
                charged = cost if given >= len(events) else -(-cost * given // len(events))
                self.room.settle(claim, charged)
                self._record("answered", 200, charged)

    def _refuse_open(self) -> Answer:
        now = self.room.clock.now_ms
        breaker = self.room.services.breaker(self.provider, "simulated")
        wait = breaker.wait(now)
        message = f"{self.provider} simulated is failing: {breaker.reason}. It is tried again in {_formats.cooldown(wait)}."
        facts = {"service": self.provider, "retryAfterMs": wait}
        self._record("refused", 503, 0, message)
        return self._own("CIRCUIT_OPEN", message, facts, {"retry-after": str(-(-wait // 1000))})

    def _refuse(self, problem: IronCageError, *, cost: int = 0, is_known: bool = False) -> Answer:
        if not is_known:
            self.room.refusals.append(problem)
        facts: dict[str, Any] = dict(problem.details)
        if isinstance(problem, PIIBlocked):
            facts["types"] = list(problem.types)
        answer = self._own(problem.code, problem.message, facts, {})
        self._record("refused", answer.status, cost, problem.message)
        return answer

    def _own(self, code: str, message: str, facts: dict[str, Any], headers: dict[str, str]) -> Answer:
        """A refusal as the provider's own library understands it."""
        status, kind, word, theirs = _SHAPES[code]
        ours = {"iron_cage": {"code": code, **facts}}
        if self.provider == "openai":
            document: dict[str, Any] = {"error": {"message": message, "type": kind, "param": None, "code": word, **ours}}
        else:
            document = {"type": "error", "error": {"type": theirs, "message": message, **ours}}
        return responses.whole(document, status, {"x-should-retry": "false", "x-iron-cage-refusal": code, **headers})

    def _record(self, outcome: str, status: int, cost: int, reason: str = "") -> None:
        request = json.loads(json.dumps(self.body))
        output = self.output_tokens if outcome == "answered" else 0
        call = Call(
            self.provider,
            self.name,
            self.endpoint,
            request,
            self.text,
            outcome,
            status,
            self.input_tokens,
            output,
            cost / _NANODOLLARS,
            self.scope,
            reason,
        )
        self.room.calls.append(call)
        told = f"{self.name or self.endpoint}: {outcome}, {self.input_tokens} + {output} tokens, {_formats.small_money(cost)}"
        self.room.tell_event("call.finished", told, "INFO" if outcome == "answered" else "WARN", call=call)
