"""A chain under protection, which LangChain takes for any other of its own."""

from __future__ import annotations

import copy
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.callbacks.manager import AsyncCallbackManagerForChainRun, CallbackManagerForChainRun
from langchain_core.prompts import BasePromptTemplate
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import merge_configs
from langchain_core.tools import BaseTool

from iron_cage._runtime import DEFAULT_BUDGET, current_runtime
from iron_cage._tiers import CircuitBreaker
from iron_cage.errors import IronCageError, from_exception
from iron_cage.langchain import _patched
from iron_cage.langchain._account import Account, Block
from iron_cage.langchain._history import History, MessageHistory, add_to, history_from, messages_of, session_in
from iron_cage.langchain._pieces import Pieces
from iron_cage.langchain._texts import text_of
from iron_cage.langchain._turn import Talk, Turn, is_graph

_patched.tools()


class IronCageChain(Runnable[Any, Any]):
    """Protects a model, a chain, or a graph: with a budget, against private data going in or out, with its tools under the rules.

        chain = IronCageChain(llm=ChatOpenAI(model="gpt-4"), prompt="Write one sentence to {lead}.", budget=5.0)
        print(chain.run("Ada Lovelace"))
        for piece in chain.stream({"lead": "Grace Hopper"}):
            print(piece.text, end="")

    `llm` is a chat model, a completion model, any Runnable, or a graph of LangGraph. `prompt` is a template, or text: with
    `{variables}` it is a template, without any it is what the model is told to be. With `tools` the model becomes an agent that uses
    them (this needs the package langchain). `history=True` remembers what was said, for each
    `config={"configurable": {"session_id": …}}`; a function from such an id to a history, or one history, does as well.

    The budget is that of all calls of the chain together; calls that it does not cover raise BudgetExceeded. The other options are
    those of AgentRuntime: used in a block or a run of the room, the chain stays within their limits.
    """

    def __init__(
        self,
        llm: Runnable[Any, Any],
        *,
        prompt: str | BasePromptTemplate[Any] | None = None,
        tools: Sequence[BaseTool | Callable[..., Any] | dict[str, Any]] = (),
        history: History | None = None,
        memory: Any = None,
        budget: float | str | None = DEFAULT_BUDGET,
        pii_detection: bool | Literal["redact", "block", "warn"] = True,
        circuit_breaker: bool | CircuitBreaker = True,
        callbacks: Sequence[BaseCallbackHandler] | None = None,
        tags: Sequence[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        name: str | None = None,
        config: str | os.PathLike[str] | None = None,
        environment: Literal["development", "staging", "production"] | None = None,
        provider: Literal["auto", "simulated", "live"] | None = None,
        when_missing: Literal["start", "fail", "unprotected"] = "start",
    ) -> None:
        if not isinstance(llm, Runnable):
            raise TypeError(f"llm was {llm!r}; expected a model of LangChain, a chain, or a graph of LangGraph.")
        if tools and is_graph(llm):
            raise TypeError("A graph has its tools already; give them to what makes it, such as create_agent(model, tools=…).")
        self.name = name
        self.llm = llm
        self.tools = list(tools)
        self._own = RunnableConfig()
        if callbacks:
            self._own["callbacks"] = list(callbacks)
        if tags:
            self._own["tags"] = list(tags)
        if metadata:
            self._own["metadata"] = dict(metadata)
        options = {
            "circuit_breaker": circuit_breaker,
            "config": config,
            "environment": environment,
            "provider": provider,
            "when_missing": when_missing,
        }
        self._account = Account(name or "chain", budget, pii_detection, options)
        self._history: Callable[[str], MessageHistory] | None = history_from(history, memory)
        self._talk = Talk(llm, prompt, self.tools)

    # What it has cost, and met

    @property
    def spent(self) -> float:
        """What all calls of the chain have cost by now, in dollars."""
        return self._account.spent

    @property
    def cost(self) -> float:
        """What the call that ended last has cost, in dollars; calls that ran at the same time are in it."""
        return self._account.cost

    @property
    def limit(self) -> float | None:
        """The chain's own budget in dollars."""
        return self._account.limit

    @property
    def findings(self) -> dict[str, int]:
        """The kinds of private data that were in inputs and outputs of the chain, and how often: `{"email": 2}`."""
        return self._account.findings

    def close(self) -> None:
        """Gives its budget's scope back; the chain can be used again."""
        self._account.close()

    def __enter__(self) -> IronCageChain:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # In a word

    def run(self, prompt: Any = None, /, *, config: RunnableConfig | None = None, **variables: Any) -> str:
        """The answer as text: `chain.run("hello")`, or `chain.run(lead="Ada")` for the variables of the prompt."""
        return text_of(self.invoke(_given(prompt, variables), config))

    async def arun(self, prompt: Any = None, /, *, config: RunnableConfig | None = None, **variables: Any) -> str:
        """The same, awaited."""
        return text_of(await self.ainvoke(_given(prompt, variables), config))

    # As LangChain calls it

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        return super().get_name(suffix, name=name or self.name or type(self).__name__)

    def bind_tools(self, tools: Sequence[Any], **options: Any) -> IronCageChain:
        """A chain of the same budget whose model may ask for these tools; who calls it uses them."""
        return self._with_llm("bind_tools", tools, options)

    def with_structured_output(self, schema: Any, **options: Any) -> IronCageChain:
        """A chain of the same budget that answers with objects of the schema."""
        return self._with_llm("with_structured_output", schema, options)

    def _with_llm(self, method: str, argument: Any, options: dict[str, Any]) -> IronCageChain:
        change = getattr(self.llm, method, None)
        if change is None or self.tools:
            what = "has tools of its own, and is an agent" if self.tools else "is none that can do it"
            raise TypeError(f"{method}() is for chat models; the llm of this chain {what}.")
        other = copy.copy(self)
        other.llm = change(argument, **options)
        other._talk = self._talk.with_llm(other.llm)
        return other

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        return self._call_with_config(self._answer, input, merge_configs(self._own, config), **kwargs)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        return await self._acall_with_config(self._answer_async, input, merge_configs(self._own, config), **kwargs)

    def stream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Any]:
        return self.transform(iter([input]), config, **kwargs)

    def astream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Any]:
        async def only() -> AsyncIterator[Any]:
            yield input

        return self.atransform(only(), config, **kwargs)

    def transform(self, input: Iterator[Any], config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Any]:
        yield from self._transform_stream_with_config(input, self._pieces, merge_configs(self._own, config), **kwargs)

    async def atransform(self, input: AsyncIterator[Any], config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Any]:
        async for piece in self._atransform_stream_with_config(input, self._pieces_async, merge_configs(self._own, config), **kwargs):
            yield piece

    # A call

    def _turn(self, block: Block, input: Any, config: RunnableConfig, past: list[Any] | None) -> Turn:
        return self._talk.turn(self._account.checked(block, input, "chain.input"), past, config)

    def _past(self, config: RunnableConfig) -> tuple[MessageHistory | None, list[Any] | None]:
        history = None if self._history is None else self._history(session_in(config))
        return history, None if history is None else list(history.messages)

    async def _past_async(self, config: RunnableConfig) -> tuple[MessageHistory | None, list[Any] | None]:
        history = None if self._history is None else self._history(session_in(config))
        return history, None if history is None else await messages_of(history)

    def _answer(self, input: Any, run_manager: CallbackManagerForChainRun, config: RunnableConfig, **kwargs: Any) -> Any:
        with self._account.block() as block:
            history, past = self._past(config)
            turn = self._turn(block, input, config, past)
            output = self._account.checked(block, turn.work.invoke(turn.request, config, **kwargs), "chain.output")
            if history is not None:
                history.add_messages(turn.said(output))
            return turn.result(output)

    async def _answer_async(self, input: Any, run_manager: AsyncCallbackManagerForChainRun, config: RunnableConfig, **kwargs: Any) -> Any:
        async with self._account.block() as block:
            history, past = await self._past_async(config)
            turn = self._turn(block, input, config, past)
            output = self._account.checked(block, await turn.work.ainvoke(turn.request, config, **kwargs), "chain.output")
            if history is not None:
                await add_to(history, turn.said(output))
            return turn.result(output)

    def _pieces(
        self, inputs: Iterator[Any], run_manager: CallbackManagerForChainRun, config: RunnableConfig, **kwargs: Any
    ) -> Iterator[Any]:
        block = self._account.block()
        block._open(current_runtime())
        steps: Iterator[Any] = iter(())
        try:
            with block.active():
                input = _gathered(list(inputs))
                history, past = self._past(config)
                turn = self._turn(block, input, config, past)
                steps = turn.work.stream(turn.request, config, **turn.options(kwargs))
            pieces = Pieces(lambda value: self._account.checked(block, value, "chain.output"))
            while True:
                with block.active():
                    try:
                        ready = [one for piece in turn.pieces(next(steps)) for one in pieces.take(piece)]
                    except StopIteration:
                        break
                turn.heard(ready)
                yield from ready
            with block.active():
                ready = pieces.end()
            turn.heard(ready)
            yield from ready
            if history is not None:
                history.add_messages(turn.said(self._account.checked(block, turn.whole(), "chain.output")))
        except BaseException as problem:
            if isinstance(problem, GeneratorExit) and isinstance(steps, Generator):
                with block.active():
                    steps.close()
            _end(block, problem)
            raise
        _end(block, None)

    async def _pieces_async(
        self, inputs: AsyncIterator[Any], run_manager: AsyncCallbackManagerForChainRun, config: RunnableConfig, **kwargs: Any
    ) -> AsyncIterator[Any]:
        block = self._account.block()
        await block.__aenter__()
        block._deactivate()
        steps: AsyncIterator[Any] | None = None
        try:
            with block.active():
                input = _gathered([piece async for piece in inputs])
                history, past = await self._past_async(config)
                turn = self._turn(block, input, config, past)
                steps = turn.work.astream(turn.request, config, **turn.options(kwargs))
            pieces = Pieces(lambda value: self._account.checked(block, value, "chain.output"))
            while True:
                with block.active():
                    try:
                        ready = [one for piece in turn.pieces(await anext(steps)) for one in pieces.take(piece)]
                    except StopAsyncIteration:
                        break
                turn.heard(ready)
                for one in ready:
                    yield one
            with block.active():
                ready = pieces.end()
            turn.heard(ready)
            for one in ready:
                yield one
            if history is not None:
                await add_to(history, turn.said(self._account.checked(block, turn.whole(), "chain.output")))
        except BaseException as problem:
            if isinstance(problem, GeneratorExit) and isinstance(steps, AsyncGenerator):
                with block.active():
                    await steps.aclose()
            _end(block, problem)
            raise
        _end(block, None)


def _given(prompt: Any, variables: dict[str, Any]) -> Any:
    if not variables:
        return prompt
    if prompt is not None:
        raise TypeError("Give the prompt, or its variables by name; not both.")
    return variables


def _gathered(pieces: list[Any]) -> Any:
    """What comes before us in a chain may come in pieces."""
    whole = pieces[0] if pieces else None
    for piece in pieces[1:]:
        try:
            whole = whole + piece
        except TypeError:
            whole = piece
    return whole


def _end(block: Block, problem: BaseException | None) -> None:
    ours: IronCageError | None = block._close(None if isinstance(problem, GeneratorExit) else problem)
    if ours is None and isinstance(problem, Exception) and not isinstance(problem, IronCageError):
        ours = from_exception(problem)
    if ours is not None:
        raise ours from problem
