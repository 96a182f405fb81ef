"""The agent with LangChain: `create_agent` around ChatOpenAI. Importing this needs langchain and langchain-openai."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import langchain
from langchain.agents import create_agent
from langchain.agents.middleware import wrap_model_call
from langchain_core.messages import HumanMessage
from langchain_core.tools import StructuredTool
from langchain_openai import ChatOpenAI
from langgraph.errors import GraphRecursionError

from engine import GO_ON, MODEL, MORE, MOST_CALLS, MOST_ROUNDS, MOST_TOKENS, TASK, Endless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk import ToolFunction
    from patience import Patience


class LangChainEngine:
    title = f"LangChain {getattr(langchain, '__version__', '')}".rstrip()

    def __init__(self, patience: Patience) -> None:
        @wrap_model_call
        def patiently(request: Any, handler: Any) -> Any:
            return patience.ask(lambda: handler(request))

        self._middleware = [patiently]
        # Retries are ours, and so is the patience: the room may hold a call until somebody has approved a larger budget.
        self._model = ChatOpenAI(
            model=MODEL,
            max_completion_tokens=MOST_TOKENS,
            timeout=None,
            max_retries=0,
            api_key=_key,
            use_responses_api=False,
            disable_streaming=True,
        )
        self._agents: dict[tuple[str, ...], Any] = {}

    def converse(self, question: str, tools: Sequence[ToolFunction]) -> str:
        agent = self._agent(tools)
        messages: list[Any] = [HumanMessage(question)]
        # One tool after the other, in the order in which the model names them. Each call of the model but the last has its tools.
        limits: Any = {"max_concurrency": 1, "recursion_limit": 2 * MOST_CALLS}
        try:
            for _ in range(MOST_ROUNDS):
                messages = agent.invoke({"messages": messages}, limits)["messages"]
                text = str(messages[-1].text)
                if not text.startswith(MORE):
                    return text
                messages = [*messages, HumanMessage(GO_ON)]
        except GraphRecursionError as problem:
            raise Endless from problem
        raise Endless

    def _agent(self, tools: Sequence[ToolFunction]) -> Any:
        """One for each set of tools, for it takes a while to be made. The room hears of tools by LangChain's own."""
        names = tuple(function.__name__ for function in tools)
        if names not in self._agents:
            made = [StructuredTool.from_function(function) for function in tools]
            self._agents[names] = create_agent(self._model, made, system_prompt=TASK, middleware=self._middleware)
        return self._agents[names]


def _key() -> str:
    """As it is at this moment: the room exchanges it while the agent runs."""
    return os.environ.get("OPENAI_API_KEY", "")
