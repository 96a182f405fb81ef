"""What was said before, session by session.

LangChain has deprecated its own classes for it in favour of graphs with a checkpointer; whatever has their methods fits here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Protocol

from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig


class MessageHistory(Protocol):
    """What was said in one session. Those with `aget_messages` and `aadd_messages` are awaited in asynchronous calls."""

    @property
    def messages(self) -> Sequence[BaseMessage]: ...

    def add_messages(self, messages: Sequence[BaseMessage], /) -> None: ...


History = bool | MessageHistory | Callable[[str], MessageHistory]


class _InMemory:
    def __init__(self) -> None:
        self.messages: list[BaseMessage] = []

    def add_messages(self, messages: Sequence[BaseMessage], /) -> None:
        self.messages.extend(messages)


def history_from(history: History | None, memory: Any) -> Callable[[str], MessageHistory] | None:
    if history is not None and memory is not None:
        raise TypeError("history and memory are the same thing under two names; give one of them.")
    given: Any = history if history is not None else memory
    if given is None or given is False:
        return None
    if given is True:
        return _in_memory()
    # The memory objects of earlier versions have one inside.
    held = getattr(given, "chat_memory", given)
    if hasattr(held, "add_messages"):
        return lambda _session: held
    if callable(held):
        found: Callable[[str], MessageHistory] = held
        return found
    raise TypeError(f"history was {given!r}; expected True, a chat message history, or a function that gives one for a session's id.")


def _in_memory() -> Callable[[str], MessageHistory]:
    sessions: dict[str, MessageHistory] = {}
    lock = Lock()

    def of(session: str) -> MessageHistory:
        with lock:
            return sessions.setdefault(session, _InMemory())

    return of


def session_in(config: RunnableConfig) -> str:
    """`{"configurable": {"session_id": "lead-23"}}`; LangGraph calls it thread_id."""
    configurable = config.get("configurable") or {}
    return str(configurable.get("session_id") or configurable.get("thread_id") or "default")


async def messages_of(history: Any) -> list[BaseMessage]:
    get = getattr(history, "aget_messages", None)
    return list(history.messages if get is None else await get())


async def add_to(history: Any, messages: Sequence[BaseMessage]) -> None:
    add = getattr(history, "aadd_messages", None)
    if add is None:
        history.add_messages(messages)
    else:
        await add(messages)
