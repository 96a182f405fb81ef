"""Answers of OpenAI and Anthropic as they come over the network: whole, streamed, with tool calls, and errors. Ids are always the same.

from iron_cage.testing import responses

responses.openai_chat("Good morning.")                 # a dict
responses.anthropic_stream("Good morning.", pieces=3)  # events of a stream, as dicts
responses.error("openai", 429, retry_after=30)         # an Answer with status, headers and body
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, Literal, TypeAlias

    Provider: TypeAlias = Literal["openai", "anthropic"]
    Json: TypeAlias = dict[str, Any]

_CREATED = 1_795_271_025
_OPENAI_ERRORS = {400: "invalid_request_error", 401: "invalid_request_error", 402: "insufficient_quota", 429: "rate_limit_error"}
_ANTHROPIC_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class ToolCall:
    """What a model asks a tool for."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""

    def id_for(self, provider: str, number: int) -> str:
        return self.id or f"{'call' if provider == 'openai' else 'toolu'}_{number:016d}"


@dataclass(frozen=True)
class Answer:
    """A whole answer to a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def openai_chat(
    text: str | None = "", *, model: str = "gpt-4", tool_calls: Sequence[ToolCall] = (), input_tokens: int = 10, output_tokens: int = 5
) -> Json:
    """An answer of `chat/completions`."""
    message: Json = {"role": "assistant", "content": text or (None if tool_calls else ""), "refusal": None}
    if tool_calls:
        message["tool_calls"] = [_openai_tool(call, number) for number, call in enumerate(tool_calls)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls" if tool_calls else "stop"}
    return {**_openai_head("chat.completion", model), "choices": [choice], "usage": _openai_usage(input_tokens, output_tokens)}


def openai_chat_stream(
    text: str | None = "",
    *,
    model: str = "gpt-4",
    tool_calls: Sequence[ToolCall] = (),
    input_tokens: int = 10,
    output_tokens: int = 5,
    pieces: int = 3,
    with_usage: bool = True,
) -> list[Json]:
    """The chunks of the same, streamed."""

    def chunk(delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**_openai_head("chat.completion.chunk", model), "choices": [choice]}

    chunks = [chunk({"role": "assistant", "content": ""})]
    chunks += [chunk({"content": piece}) for piece in split(text or "", pieces)]
    for number, call in enumerate(tool_calls):
        begun = {"index": number, **_openai_tool(call, number)}
        begun["function"] = {"name": call.name, "arguments": ""}
        chunks.append(chunk({"tool_calls": [begun]}))
        for piece in split(json.dumps(dict(call.arguments)), pieces):
            chunks.append(chunk({"tool_calls": [{"index": number, "function": {"arguments": piece}}]}))
    chunks.append(chunk({}, "tool_calls" if tool_calls else "stop"))
    if with_usage:
        usage = _openai_usage(input_tokens, output_tokens)
        chunks.append({**_openai_head("chat.completion.chunk", model), "choices": [], "usage": usage})
    return chunks


def openai_completion(text: str = "", *, model: str = "gpt-3.5-turbo-instruct", input_tokens: int = 10, output_tokens: int = 5) -> Json:
    """An answer of `completions`."""
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": "stop"}
    head = {**_openai_head("text_completion", model), "id": "cmpl-0000000000000000"}
    return {**head, "choices": [choice], "usage": _openai_usage(input_tokens, output_tokens)}


def openai_completion_stream(text: str = "", *, model: str = "gpt-3.5-turbo-instruct", pieces: int = 3) -> list[Json]:
    head = {**_openai_head("text_completion", model), "id": "cmpl-0000000000000000"}
    said = [{"index": 0, "text": piece, "logprobs": None, "finish_reason": None} for piece in split(text, pieces)]
    return [{**head, "choices": [choice]} for choice in (*said, {"index": 0, "text": "", "logprobs": None, "finish_reason": "stop"})]


def openai_response(
    text: str = "", *, model: str = "gpt-5", tool_calls: Sequence[ToolCall] = (), input_tokens: int = 10, output_tokens: int = 5
) -> Json:
    """An answer of `responses`."""
    output: list[Json] = []
    if text or not tool_calls:
        content = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        output.append({"id": "msg_0000000000000000", "type": "message", "role": "assistant", "status": "completed", "content": [content]})
    for number, call in enumerate(tool_calls):
        called = {"name": call.name, "arguments": json.dumps(dict(call.arguments)), "call_id": call.id_for("openai", number)}
        output.append({"id": f"fc_{number:016d}", "type": "function_call", "status": "completed", **called})
    return {
        "id": "resp_0000000000000000",
        "object": "response",
        "created_at": _CREATED,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": model,
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": input_tokens + output_tokens,
        },
    }


def openai_response_stream(
    text: str = "",
    *,
    model: str = "gpt-5",
    tool_calls: Sequence[ToolCall] = (),
    input_tokens: int = 10,
    output_tokens: int = 5,
    pieces: int = 3,
) -> list[Json]:
    """The events of the same, streamed."""
    whole = openai_response(text, model=model, tool_calls=tool_calls, input_tokens=input_tokens, output_tokens=output_tokens)
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[Json] = [{"type": "response.created", "response": begun}]
    for index, item in enumerate(whole["output"]):
        place = {"item_id": item["id"], "output_index": index}
        if item["type"] == "message":
            empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            said = {**place, "content_index": 0}
            started = {**item, "status": "in_progress", "content": []}
            events.append({"type": "response.output_item.added", "output_index": index, "item": started})
            events.append({"type": "response.content_part.added", **said, "part": empty})
            events += [{"type": "response.output_text.delta", **said, "delta": piece, "logprobs": []} for piece in split(text, pieces)]
            events.append({"type": "response.output_text.done", **said, "text": text, "logprobs": []})
            events.append({"type": "response.content_part.done", **said, "part": item["content"][0]})
        else:
            started = {**item, "status": "in_progress", "arguments": ""}
            events.append({"type": "response.output_item.added", "output_index": index, "item": started})
            deltas = split(item["arguments"], pieces)
            events += [{"type": "response.function_call_arguments.delta", **place, "delta": piece} for piece in deltas]
            events.append({"type": "response.function_call_arguments.done", **place, "arguments": item["arguments"], "name": item["name"]})
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    events.append({"type": "response.completed", "response": whole})
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def openai_embeddings(count: int = 1, *, model: str = "text-embedding-3-small", dimensions: int = 4, input_tokens: int = 10) -> Json:
    """An answer of `embeddings`; the numbers mean nothing."""
    data = [
        {"object": "embedding", "index": number, "embedding": [round(0.1 * (number + place + 1), 6) for place in range(dimensions)]}
        for number in range(count)
    ]
    return {"object": "list", "data": data, "model": model, "usage": {"prompt_tokens": input_tokens, "total_tokens": input_tokens}}


def anthropic_message(
    text: str | None = "",
    *,
    model: str = "claude-sonnet-4-5",
    tool_calls: Sequence[ToolCall] = (),
    input_tokens: int = 10,
    output_tokens: int = 5,
) -> Json:
    """An answer of `messages`."""
    content: list[Json] = [{"type": "text", "text": text}] if text or not tool_calls else []
    for number, call in enumerate(tool_calls):
        content.append({"type": "tool_use", "id": call.id_for("anthropic", number), "name": call.name, "input": dict(call.arguments)})
    return {
        **_anthropic_head(model, input_tokens, output_tokens),
        "content": content,
        "stop_reason": "tool_use" if tool_calls else "end_turn",
    }


def anthropic_stream(
    text: str | None = "",
    *,
    model: str = "claude-sonnet-4-5",
    tool_calls: Sequence[ToolCall] = (),
    input_tokens: int = 10,
    output_tokens: int = 5,
    pieces: int = 3,
) -> list[Json]:
    """The events of the same, streamed."""
    head = {**_anthropic_head(model, input_tokens, 1), "content": [], "stop_reason": None}
    events: list[Json] = [{"type": "message_start", "message": head}]

    def block(index: int, begun: Json, deltas: Iterable[Json]) -> None:
        events.append({"type": "content_block_start", "index": index, "content_block": begun})
        events.extend({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas)
        events.append({"type": "content_block_stop", "index": index})

    index = 0
    if text or not tool_calls:
        block(index, {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in split(text or "", pieces)])
        index += 1
    for number, call in enumerate(tool_calls):
        begun = {"type": "tool_use", "id": call.id_for("anthropic", number), "name": call.name, "input": {}}
        parts = split(json.dumps(dict(call.arguments)), pieces)
        block(index, begun, [{"type": "input_json_delta", "partial_json": piece} for piece in parts])
        index += 1
    stop = {"stop_reason": "tool_use" if tool_calls else "end_turn", "stop_sequence": None}
    events.append({"type": "message_delta", "delta": stop, "usage": {"output_tokens": output_tokens}})
    events.append({"type": "message_stop"})
    return events


def error(provider: Provider, status: int, message: str = "", *, retry_after: float | None = None) -> Answer:
    """What a provider says when it does not answer: 429, 500, 529…"""
    told = message or f"This is a made-up error {status}."
    document: Json
    if provider == "openai":
        code = "rate_limit_exceeded" if status == 429 else None
        document = {"error": {"message": told, "type": _OPENAI_ERRORS.get(status, "server_error"), "param": None, "code": code}}
    else:
        document = {"type": "error", "error": {"type": _ANTHROPIC_ERRORS.get(status, "api_error"), "message": told}}
    headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    return whole(document, status, headers)


def whole(document: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """JSON as the body of an answer."""
    body = json.dumps(document).encode()
    return Answer(status, {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}, body)


def sse(events: Iterable[Mapping[str, Any]], provider: Provider = "openai") -> Iterator[bytes]:
    """Events of a stream as they stand on the wire."""
    for event in events:
        name = f"event: {event['type']}\n" if "type" in event else ""
        yield f"{name}data: {json.dumps(event)}\n\n".encode()
    if provider == "openai":
        yield b"data: [DONE]\n\n"


def split(text: str, pieces: int) -> list[str]:
    """At most so many pieces, of nearly the same length."""
    if not text:
        return []
    length = -(-len(text) // max(1, pieces))
    return [text[at : at + length] for at in range(0, len(text), length)]


def _openai_head(kind: str, model: str) -> Json:
    return {"id": "chatcmpl-0000000000000000", "object": kind, "created": _CREATED, "model": model, "system_fingerprint": None}


def _openai_tool(call: ToolCall, number: int) -> Json:
    arguments = json.dumps(dict(call.arguments))
    return {"id": call.id_for("openai", number), "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _openai_usage(input_tokens: int, output_tokens: int) -> Json:
    return {"prompt_tokens": input_tokens, "completion_tokens": output_tokens, "total_tokens": input_tokens + output_tokens}


def _anthropic_head(model: str, input_tokens: int, output_tokens: int) -> Json:
    usage = {"input_tokens": input_tokens, "output_tokens": output_tokens}
    head = {"id": "msg_0000000000000000", "type": "message", "role": "assistant", "model": model}
    return {**head, "stop_sequence": None, "usage": usage}
