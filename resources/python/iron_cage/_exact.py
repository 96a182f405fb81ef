"""Whole numbers that the room cannot hold: it is JavaScript, and rounds what is larger than 2^53."""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST = 2**53 - 1
#: From here on JavaScript has no number at all.
BEYOND = 10**308

_LONG = re.compile(r"\d{16}")
_NAME = "iron_cage:integer"
_PART = 2**52


def is_large(value: object) -> bool:
    return isinstance(value, int) and abs(value) > LARGEST


def is_exact(text: str) -> bool:
    """Whether JSON comes back from the room to the digit."""
    try:
        if _LONG.search(text):
            json.loads(text, parse_int=_small)
    except ValueError:
        return False
    return True


def _small(text: str) -> int:
    number = int(text)
    if is_large(number):
        raise ValueError(text)
    return number


def restored(told: Any, given: Any) -> Any:
    """What the room has given back, with the numbers that it only rounded as they were told."""
    if is_large(told):
        is_rounded = isinstance(given, int | float) and abs(told) < BEYOND and float(told) == float(given)
        return told if is_rounded else given
    if isinstance(told, list | tuple) and isinstance(given, list) and len(told) == len(given):
        return [restored(before, after) for before, after in zip(told, given, strict=True)]
    if isinstance(told, dict) and isinstance(given, dict):
        return {name: restored(told[name], value) if name in told else value for name, value in given.items()}
    return given


def packed(value: Any) -> Any:
    """For keeping: large numbers in parts that are none. As digits in a text they would be taken for a card's or a telephone's."""
    if is_large(value):
        parts, rest = [], abs(value)
        while rest:
            rest, part = divmod(rest, _PART)
            parts.append(part)
        return {_NAME: [-1 if value < 0 else 1, *parts]}
    if isinstance(value, list | tuple):
        return [packed(item) for item in value]
    if isinstance(value, dict):
        return {name: packed(item) for name, item in value.items()}
    return value


def unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [unpacked(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {_NAME}:
        sign, *parts = value[_NAME]
        return int(sign * sum(part * _PART**place for place, part in enumerate(parts)))
    return {name: unpacked(item) for name, item in value.items()}
