"""What is done with private data that is found."""

from __future__ import annotations

from iron_cage.testing._events import Finding
from iron_cage.testing._private import PRIVATE_TYPES, _marked, find_private, replace_strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_STRICTNESS = (None, "warn", "redact", "block")
_ACTIONS = {"warn": "warned", "redact": "redacted", "block": "blocked"}
_IN = {"to-model": "in a request", "from-model": "in an answer", "tools": "in a tool call"}


def stricter(one: str | None, other: str | None) -> str | None:
    return one if _STRICTNESS.index(one) >= _STRICTNESS.index(other) else other


class Judged:
    """JSON as it may go on, and what was found in it."""

    __slots__ = ("blocked", "types", "value")

    def __init__(self, value: Any, types: list[str], blocked: str | None) -> None:
        self.value = value
        self.types = types
        #: Why nothing of it may go on.
        self.blocked = blocked


class Safety:
    def __init__(self, tell: Callable[[list[Finding], str, str], None]) -> None:
        self._tell = tell
        self.findings: list[Finding] = []

    def judge(self, value: Any, direction: str, place: str, mode: str) -> Judged:
        types: list[str] = []
        found: list[Finding] = []

        def change(text: str, where: str) -> str:
            matches = find_private(text)
            for one in matches:
                found.append(Finding(one.type, direction, where.removeprefix("."), _ACTIONS[mode], PRIVATE_TYPES[one.type].severity))
                if one.type not in types:
                    types.append(one.type)
            return _marked(text, matches) if mode == "redact" else text

        changed = replace_strings(value, place, change)
        if found:
            self.findings += found
            self._tell(found, tell_findings(found), "ERROR" if mode == "block" else "WARN")
        blocked = None
        if mode == "block" and types:
            what = _capitalised(PRIVATE_TYPES[types[0]].called)
            blocked = f'{what} was found {_IN[direction]}, and the rules say "block": nothing of it goes on.'
        return Judged(None if blocked else changed, types, blocked)


def tell_findings(found: list[Finding]) -> str:
    """`2 phone numbers and an email address were redacted in a request.`"""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.type] = counts.get(one.type, 0) + 1
    parts = [_counted(kind, count) for kind, count in counts.items()]
    what = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    action = "noticed" if found[0].action == "warned" else found[0].action
    end = ", and left there." if action == "noticed" else "."
    return f"{_capitalised(what)} {'was' if len(found) == 1 else 'were'} {action} {_IN[found[0].direction]}{end}"


def _counted(kind: str, count: int) -> str:
    called = PRIVATE_TYPES[kind].called
    if count == 1:
        return called
    noun = called.partition(" ")[2]
    return f"{count} {noun}{'es' if noun.endswith('s') else 's'}"


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
