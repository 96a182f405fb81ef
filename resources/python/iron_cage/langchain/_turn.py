"""What a model, an agent or a graph is asked in one call of a chain, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel, BaseLanguageModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    BaseMessageChunk,
    HumanMessage,
    SystemMessage,
    convert_to_messages,
    message_chunk_to_message,
)
from langchain_core.prompt_values import PromptValue
from langchain_core.prompts import BasePromptTemplate, ChatPromptTemplate
from langchain_core.prompts.chat import MessagesPlaceholder
from langchain_core.runnables import Runnable, RunnableConfig

from iron_cage.langchain._texts import text_of

_PAST = ("history", "chat_history")


def is_graph(llm: object) -> bool:
    """Whether it is a compiled graph of LangGraph, which need not be installed."""
    return any(kind.__module__.startswith("langgraph.pregel") for kind in type(llm).__mro__)


def _agent(llm: Runnable[Any, Any], tools: Sequence[Any]) -> Runnable[Any, Any]:
    if not isinstance(llm, BaseChatModel):
        raise TypeError(f"tools need a chat model to use them; llm was {llm!r}.")
    try:
        from langchain.agents import create_agent
    except ImportError:
        raise ImportError("IronCageChain(tools=…) needs the package langchain: pip install langchain") from None
    agent: Any = create_agent(llm, list(tools))
    made: Runnable[Any, Any] = agent
    return made


def _template(prompt: str | BasePromptTemplate[Any] | None) -> tuple[BasePromptTemplate[Any] | None, str | None]:
    """A template, or what the model is told to be."""
    if not isinstance(prompt, str):
        return prompt, None
    template = ChatPromptTemplate.from_template(prompt)
    return (template, None) if template.input_variables else (None, prompt)


class Talk:
    def __init__(self, llm: Runnable[Any, Any], prompt: str | BasePromptTemplate[Any] | None, tools: Sequence[Any]) -> None:
        self.is_agent = bool(tools)
        self.is_graph = self.is_agent or is_graph(llm)
        self.is_model = isinstance(llm, BaseLanguageModel)
        self.work = _agent(llm, tools) if tools else llm
        self.template, self.instructions = _template(prompt)

    def with_llm(self, llm: Runnable[Any, Any]) -> Talk:
        other = Talk(llm, None, ())
        other.template, other.instructions = self.template, self.instructions
        other.is_model = True
        return other

    def turn(self, input: Any, past: list[BaseMessage] | None, config: RunnableConfig) -> Turn:
        if self.template is None and self.instructions is None and past is None:
            if not self.is_graph or not isinstance(input, str | list | BaseMessage | PromptValue):
                return Turn(self, input, input, [])
            messages = _messages(input)
            return Turn(self, {"messages": messages}, messages, messages)
        rest = {name: value for name, value in input.items() if name != "messages"} if self._is_state(input) else {}
        asked = self._asked(input, past, config)
        if isinstance(asked, PromptValue) and past is None and not self.is_graph and self.instructions is None:
            return Turn(self, asked, asked, [])
        messages = asked.to_messages() if isinstance(asked, PromptValue) else asked
        whole = self._with_past(messages, past or [])
        request: Any = {**rest, "messages": whole} if self.is_graph else whole
        return Turn(self, request, whole, [one for one in messages if not isinstance(one, SystemMessage)])

    def _is_state(self, input: Any) -> bool:
        return self.is_graph and self.template is None and isinstance(input, dict) and "messages" in input

    def _asked(self, input: Any, past: list[BaseMessage] | None, config: RunnableConfig) -> Any:
        if self.template is None:
            messages = _messages(input)
            return messages if self.instructions is None else [SystemMessage(self.instructions), *messages]
        return self.template.invoke(self._variables(self.template, input), config)

    def _variables(self, template: BasePromptTemplate[Any], input: Any) -> dict[str, Any]:
        lists = {one.variable_name for one in getattr(template, "messages", ()) if isinstance(one, MessagesPlaceholder)}
        # The chain puts in by itself what was said before.
        filled: dict[str, Any] = {name: [] for name in _PAST if name in lists}
        if isinstance(input, dict):
            return {**filled, **input}
        names = [name for name in template.input_variables if name not in filled]
        if len(names) != 1:
            raise TypeError(f"The prompt has the variables {', '.join(names) or 'none'}; give the chain a dict that names them.")
        if names[0] in lists:
            return {**filled, names[0]: _messages(input)}
        return {**filled, names[0]: text_of(input)}

    @staticmethod
    def _with_past(messages: list[BaseMessage], past: list[BaseMessage]) -> list[BaseMessage]:
        """Between what the model is told to be and what it is asked now."""
        at = next((number for number, one in enumerate(messages) if not isinstance(one, SystemMessage)), len(messages))
        return [*messages[:at], *past, *messages[at:]]


class Turn:
    def __init__(self, talk: Talk, request: Any, whole: Any, new: list[BaseMessage]) -> None:
        self._talk = talk
        self.work = talk.work
        self.request = request
        self._whole = whole
        self._new = new
        self._output: Any = None
        self._is_raw = False

    # Of an answer

    def said(self, output: Any) -> list[BaseMessage]:
        """What is to be remembered."""
        if isinstance(output, dict) and isinstance(output.get("messages"), list):
            return [*self._new, *output["messages"][len(self._whole) :]]
        if isinstance(output, BaseMessageChunk):
            return [*self._new, message_chunk_to_message(output)]
        return [*self._new, output if isinstance(output, BaseMessage) else AIMessage(text_of(output))]

    def result(self, output: Any) -> Any:
        return output["messages"][-1] if self._talk.is_agent else output

    # Of a stream

    def options(self, given: dict[str, Any]) -> dict[str, Any]:
        """An agent streams what its model says, unless somebody wants to see more of it."""
        self._is_raw = not self._talk.is_agent or "stream_mode" in given
        return given if self._is_raw else {**given, "stream_mode": ["messages", "values"]}

    def pieces(self, piece: Any) -> list[Any]:
        if self._is_raw:
            return [piece]
        mode, data = piece
        if mode == "values":
            self._output = data
            return []
        message = data[0]
        if not isinstance(message, AIMessage):
            return []
        if not isinstance(message, AIMessageChunk):
            message = AIMessageChunk(content=message.content, id=message.id, usage_metadata=message.usage_metadata)
        # What it asks its tools is the agent's own business.
        return [message] if message.text or message.usage_metadata is not None else []

    def heard(self, pieces: list[Any]) -> None:
        if not self._is_raw:
            return
        for piece in pieces:
            if isinstance(piece, tuple):
                piece = piece[-1]
            if isinstance(piece, dict) and isinstance(piece.get("messages"), list):
                self._output = piece
            elif isinstance(piece, str | BaseMessageChunk) and not self._talk.is_graph:
                self._output = piece if self._output is None else self._output + piece

    def whole(self) -> Any:
        return "" if self._output is None else self._output


def _messages(input: Any) -> list[BaseMessage]:
    if isinstance(input, str):
        return [HumanMessage(input)]
    if isinstance(input, BaseMessage):
        return [input]
    if isinstance(input, PromptValue):
        return input.to_messages()
    if isinstance(input, dict):
        for name in ("messages", "input", "question"):
            if name in input:
                return _messages(input[name])
    if isinstance(input, list | tuple):
        return convert_to_messages(list(input))
    raise TypeError(f"The chain was given {input!r}; expected text, messages, or the variables of a prompt.")
