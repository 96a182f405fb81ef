"""Texts are looked at in portions that fit into a line of the wire, and cut where nothing is that belongs together."""

from __future__ import annotations

from iron_cage.errors import PIIBlocked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, TypeAlias

    Ask: TypeAlias = Callable[[str, Mapping[str, Any]], dict[str, Any] | None]

# A line holds a million bytes, and a character takes up to six of them.
MOST_CHARACTERS = 100_000
#: As far as a number reaches that could be a telephone's or a card's, with the words that say what it is.
MARGIN = 32
_FARTHEST_BACK = 2_000
_DEEPEST = 20


def check_texts(ask: Ask, texts: list[str], place: str, hear: Callable[[Iterable[str]], None] | None = None) -> list[str]:
    """The texts as they may go on; `hear` is told the kinds of what was found, and may raise."""
    parts = [(number, part) for number, text in enumerate(texts) for part in _parts(text)]
    allowed = [""] * len(texts)
    for some in _portions(parts):
        given = [part for _, part in some]
        answer = ask("output.check", {"place": place, "value": given})
        if answer is not None:
            if answer["isBlocked"]:
                if hear is not None:
                    hear(answer["types"])
                raise PIIBlocked(answer["types"], message=answer["reason"] or "")
            if hear is not None and answer["types"]:
                hear(answer["types"])
            given = answer["value"]
        for (number, _), part in zip(some, given, strict=True):
            allowed[number] += part
    return allowed


def check_json(ask: Ask, value: Any, place: str) -> Any:
    texts: list[str] = []

    def collect(text: str) -> str:
        texts.append(text)
        return text

    _mapped(value, collect)
    following = iter(check_texts(ask, texts, place))
    return _mapped(value, lambda _: next(following))


def shortened(value: Any, most: int = 1_000) -> Any:
    """What it is like, in a line."""
    return _mapped(value, lambda text: text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)")


def _mapped(value: Any, change: Callable[[str], str], depth: int = 0) -> Any:
    if isinstance(value, str):
        return change(value)
    if depth < _DEEPEST and isinstance(value, list):
        return [_mapped(item, change, depth + 1) for item in value]
    if depth < _DEEPEST and isinstance(value, dict):
        return {name: _mapped(item, change, depth + 1) for name, item in value.items()}
    return value


def is_border(text: str, at: int) -> bool:
    """Whether what stands before and after are two things."""
    if not (0 < at < len(text)) or not (text[at - 1].isspace() or text[at].isspace()):
        return False
    around = text[max(0, at - MARGIN) : at + MARGIN]
    return "-----" not in around and not any(character.isdigit() for character in around)


def _parts(text: str) -> Iterator[str]:
    begin = 0
    while len(text) - begin > MOST_CHARACTERS:
        latest = begin + MOST_CHARACTERS - MARGIN
        end = next((at for at in range(latest, latest - _FARTHEST_BACK, -1) if is_border(text, at)), latest)
        yield text[begin:end]
        begin = end
    yield text[begin:]


def _portions(parts: list[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    some: list[tuple[int, str]] = []
    size = 0
    for number, part in parts:
        if some and (size + len(part) > MOST_CHARACTERS or len(some) >= 1_000):
            yield some
            some, size = [], 0
        some.append((number, part))
        size += len(part)
    if some:
        yield some
