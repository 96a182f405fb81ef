"""Pieces of a stream go on as they came, a few words late: private data may be spread over several of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langchain_core.messages import BaseMessageChunk

from iron_cage._large import MARGIN, is_border

# A text that is all numbers is not held back for ever.
_LONGEST = 4_000


class Pieces:
    """`check` gets each part of a text once, and gives it back as it may go out."""

    def __init__(self, check: Callable[[Any], Any]) -> None:
        self._check = check
        #: Of each message, for an agent may stream several at once.
        self._held: dict[str, list[Any]] = {}

    def take(self, piece: Any) -> list[Any]:
        chunk = _chunk_in(piece)
        if chunk is None:
            return [*self.end(), self._check(piece)]
        key = chunk.id or "" if isinstance(chunk, BaseMessageChunk) else ""
        held = self._held.setdefault(key, [])
        held.append(piece)
        if getattr(chunk, "chunk_position", None) == "last":
            return self._release(self._held.pop(key))
        ready = _count_of_ready([_text_of(one) for one in held])
        if ready == 0:
            return []
        self._held[key] = held[ready:]
        return self._release(held[:ready])

    def end(self) -> list[Any]:
        held, self._held = self._held, {}
        return [piece for pieces in held.values() for piece in self._release(pieces)]

    def _release(self, pieces: list[Any]) -> list[Any]:
        text = "".join(map(_text_of, pieces))
        allowed = self._check(text) if text else text
        if allowed == text:
            return pieces
        # What was changed comes with the first of them, and the others without a text.
        released = []
        for piece in pieces:
            if _text_of(piece):
                piece, allowed = _with_text(piece, allowed), ""
            if not isinstance(piece, str) or piece:
                released.append(piece)
        return released


def _count_of_ready(texts: list[str]) -> int:
    """How many pieces from the first on may go, so that nothing is cut that belongs together."""
    whole = "".join(texts)
    at, ready = 0, 0
    for number, text in enumerate(texts, 1):
        at += len(text)
        if len(whole) - at < MARGIN:
            break
        if is_border(whole, at):
            ready = number
    if ready == 0 and len(whole) > _LONGEST:
        return len(texts)
    return ready


def _chunk_in(piece: Any) -> Any:
    """The text or message in it; graphs give it with its metadata, its mode, and its place in subgraphs."""
    if isinstance(piece, str | BaseMessageChunk):
        return piece
    if type(piece) is tuple and piece:
        if isinstance(piece[0], BaseMessageChunk):
            return piece[0]
        if len(piece) > 1 and (len(piece) == 3 or piece[0] == "messages"):
            inner = _chunk_in(piece[-1])
            return inner if isinstance(inner, BaseMessageChunk) else None
    return None


def _text_of(piece: Any) -> str:
    chunk = _chunk_in(piece)
    return chunk if isinstance(chunk, str) else str(chunk.text)


def _with_text(piece: Any, text: str) -> Any:
    if isinstance(piece, str):
        return text
    if isinstance(piece, tuple):
        place = 0 if isinstance(piece[0], BaseMessageChunk) else len(piece) - 1
        return tuple(_with_text(item, text) if number == place else item for number, item in enumerate(piece))
    content = piece.content
    if isinstance(content, str):
        return piece.model_copy(update={"content": text})
    blocks: list[Any] = []
    for block in content:
        if isinstance(block, str):
            block, text = text, ""
        elif isinstance(block.get("text"), str):
            block, text = {**block, "text": text}, ""
        blocks.append(block)
    return piece.model_copy(update={"content": blocks})
