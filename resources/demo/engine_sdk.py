"""The agent on the SDK alone: plain HTTP in the shape of chat completions, and a loop of its own around the tools."""

from __future__ import annotations

import inspect
import json
import os
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from engine import GO_ON, MODEL, MORE, MOST_CALLS, MOST_ROUNDS, MOST_TOKENS, TASK, Endless
from iron_cage import tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from email.message import Message as HttpHeaders

    from desk import ToolFunction
    from patience import Patience

    Message = dict[str, Any]


class AnswerError(Exception):
    """The provider, or the room, answered that it does not answer; what it is made of is what the SDK looks for."""

    def __init__(self, status: int, headers: HttpHeaders, body: bytes) -> None:
        super().__init__(body.decode(errors="replace") or "without a word")
        self.status_code = status
        self.headers = headers
        self.body = body


class SdkEngine:
    title = "the SDK alone"

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def converse(self, question: str, tools: Sequence[ToolFunction]) -> str:
        offered = [_described(function) for function in tools]
        usable = {function.__name__: tool(function.__name__)(function) for function in tools}
        # The o-series knows its system prompt by this name.
        messages: list[Message] = [{"role": "developer", "content": TASK}, {"role": "user", "content": question}]
        for _ in range(MOST_ROUNDS):
            text = self._round(messages, offered, usable)
            if not text.startswith(MORE):
                return text
            messages.append({"role": "user", "content": GO_ON})
        raise Endless

    def _round(self, messages: list[Message], offered: list[Message], usable: Mapping[str, ToolFunction]) -> str:
        for _ in range(MOST_CALLS):
            said = self._patience.ask(lambda: _ask(messages, offered))
            messages.append(said)
            if not said.get("tool_calls"):
                return str(said.get("content") or "")
            for call in said["tool_calls"]:
                messages.append({"role": "tool", "content": _use(call["function"], usable), "tool_call_id": call["id"]})
        raise Endless


def _ask(messages: list[Message], offered: list[Message]) -> Message:
    body = {"model": MODEL, "max_completion_tokens": MOST_TOKENS, "messages": messages, "tools": offered}
    address = os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
    headers = {"authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', '')}", "content-type": "application/json"}
    try:
        # Without a limit of time: the room may hold a call until somebody has approved a larger budget.
        with urlopen(Request(f"{address.rstrip('/')}/chat/completions", json.dumps(body).encode(), headers)) as answer:
            message = json.load(answer)["choices"][0]["message"]
    except HTTPError as problem:
        raise AnswerError(problem.code, problem.headers, problem.read()) from problem
    calls = {"tool_calls": message["tool_calls"]} if message.get("tool_calls") else {}
    return {"role": "assistant", "content": message.get("content"), **calls}


def _use(asked: Mapping[str, str], usable: Mapping[str, ToolFunction]) -> str:
    function = usable.get(asked["name"])
    if function is None:
        return json.dumps({"error": f"there is no tool {asked['name']}; there is {', '.join(usable)}"})
    try:
        options = json.loads(asked["arguments"])
        inspect.signature(function).bind(**options)
    except (ValueError, TypeError) as problem:
        return json.dumps({"error": f"the arguments do not fit: {problem}"})
    return function(**options)


def _described(function: ToolFunction) -> Message:
    """All of its arguments are texts."""
    names = list(inspect.signature(function).parameters)
    parameters = {"properties": {name: {"type": "string"} for name in names}, "required": names, "type": "object"}
    return {"type": "function", "function": {"name": function.__name__, "description": inspect.getdoc(function), "parameters": parameters}}
