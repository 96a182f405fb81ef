"""Lines of the wire, and who waits for which of them."""

from __future__ import annotations

import json
from _thread import allocate_lock

from iron_cage.errors import IronCageError, from_refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LONGEST_LINE = 1024 * 1024

_dump = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), allow_nan=False).encode


class Slot:
    __slots__ = ("answer", "gone", "lock", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.answer: dict[str, Any] | None = None
        self.gone: str | None = None
        # Held while there is nothing to do for whoever waits.
        self.lock = allocate_lock()
        self.lock.acquire()

    def wake(self) -> None:
        if self.lock.locked():
            try:
                self.lock.release()
            except RuntimeError:
                pass


def line_of(message: Mapping[str, Any]) -> bytes:
    try:
        line = _dump(message).encode("utf-8", "replace") + b"\n"
    except (TypeError, ValueError, RecursionError) as problem:
        raise TypeError(f"What is said to the control room has to be plain JSON: {problem}") from None
    if len(line) > LONGEST_LINE:
        sentence = f"What is said to the control room at once has at most {LONGEST_LINE} bytes; this has {len(line)}."
        raise IronCageError(sentence, code="TOO_LARGE")
    return line


def output_of(message: dict[str, Any]) -> dict[str, Any]:
    if message["kind"] == "refusal":
        raise from_refusal(message.get("error") or {})
    output = message.get("output")
    return output if isinstance(output, dict) else {"value": output}
