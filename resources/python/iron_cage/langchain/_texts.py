"""The texts in what goes into a chain and comes out of it: prompts, messages, states of graphs, pieces of streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.prompt_values import ChatPromptValue, StringPromptValue
from pydantic import BaseModel

_DEEPEST = 20
#: Of a content block; what else stands in it is the provider's own, such as signatures and ids.
_TEXTS_OF_BLOCKS = ("text", "input", "content", "reasoning", "thinking")


def mapped(value: Any, change: Callable[[str], str], depth: int = 0) -> Any:
    """The value with every text in it changed, in a fixed order; the same object where nothing is."""
    if isinstance(value, str):
        after = change(value)
        return value if after == value else after
    if depth > _DEEPEST or value is None:
        return value
    if isinstance(value, BaseMessage):
        return _message(value, change, depth)
    if isinstance(value, StringPromptValue):
        text = mapped(value.text, change, depth + 1)
        return value if text is value.text else StringPromptValue(text=text)
    if isinstance(value, ChatPromptValue):
        messages = mapped(value.messages, change, depth + 1)
        return value if messages is value.messages else ChatPromptValue(messages=messages)
    if type(value) is dict:
        fields = {name: mapped(item, change, depth + 1) for name, item in value.items()}
        return value if all(fields[name] is item for name, item in value.items()) else fields
    if type(value) in (list, tuple):
        items = [mapped(item, change, depth + 1) for item in value]
        return value if all(after is item for after, item in zip(items, value, strict=True)) else type(value)(items)
    if isinstance(value, BaseModel):
        given = {name: getattr(value, name) for name in type(value).model_fields}
        return _updated(value, {name: mapped(item, change, depth + 1) for name, item in given.items()})
    return value


def _message(message: BaseMessage, change: Callable[[str], str], depth: int) -> BaseMessage:
    content = message.content
    after: Any
    if isinstance(content, str):
        after = mapped(content, change, depth + 1)
    else:
        blocks = [mapped(item, change, depth + 1) if isinstance(item, str) else _block(item, change, depth) for item in content]
        after = content if all(one is item for one, item in zip(blocks, content, strict=True)) else blocks
    fields: dict[str, Any] = {"content": after}
    if isinstance(message, AIMessage) and message.tool_calls:
        calls = [{**call, "args": mapped(call["args"], change, depth + 1)} for call in message.tool_calls]
        same = all(one["args"] is call["args"] for one, call in zip(calls, message.tool_calls, strict=True))
        fields["tool_calls"] = message.tool_calls if same else calls
    result: BaseMessage = _updated(message, fields)
    return result


def _block(block: Any, change: Callable[[str], str], depth: int) -> Any:
    if not isinstance(block, dict):
        return block
    changed = {name: mapped(block[name], change, depth + 1) for name in _TEXTS_OF_BLOCKS if name in block}
    return block if all(block[name] is value for name, value in changed.items()) else {**block, **changed}


def _updated(model: Any, fields: dict[str, Any]) -> Any:
    changed = {name: value for name, value in fields.items() if value is not getattr(model, name)}
    return model.model_copy(update=changed) if changed else model


def text_of(output: Any) -> str:
    """What a chain has answered, as text."""
    if isinstance(output, str):
        return output
    if isinstance(output, BaseMessage):
        return str(output.text)
    if isinstance(output, dict):
        for message in reversed(output.get("messages") or ()):
            if isinstance(message, AIMessage) and message.text:
                return str(message.text)
        for name in ("output", "answer", "text", "result"):
            if name in output:
                return text_of(output[name])
    return str(output)
