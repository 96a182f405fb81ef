"""Texts with private data for tests. All of it is invented: example domains, numbers that are kept free for fiction, numbers of leaflets.

from iron_cage.testing import samples

for sample in samples.pii_samples(20, seed=7):
    assert agent_output(sample.text) == sample.redacted
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from iron_cage.testing._private import PRIVATE_TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from typing import Literal, TypeAlias

    PIIType: TypeAlias = Literal["email", "phone", "ssn", "itin"]

_FIRST = ("ada", "bo", "cleo", "dina", "egon", "fay", "gus", "hedy", "ivo", "june")
_LAST = ("placeholder", "sample", "specimen", "fiction", "nobody", "example")
_DOMAINS = ("example.com", "example.org", "mail.example.net", "sales.example.com")
_AREAS = ("212", "303", "415", "617", "206")
# Of a leaflet, of adverts, and what people type: none of them is anybody's.
_SSNS = ("078-05-1120", "219-09-9999", "457-55-5462", "123-45-6789")
_SENTENCES = {
    "email": ("Please write to {}.", "{} has answered.", "The lead is {} (warm).", '{{"email": "{}"}}'),
    "phone": ("Call {} before noon.", "phone: {}", "The office is at {}, second floor.", "Reach us: {}"),
    "ssn": ("SSN: {}", "The form says {} in the third field.", "social security number {}", '{{"ssn": "{}"}}'),
    "itin": ("ITIN {}", "taxpayer number: {}"),
}
_FALSE_ALARMS = (
    "The order 415-555-013 is late.",
    "Version 1.2.3-45 of left-pad@1.3.0 is out.",
    "Invoice 123456789 of 2026-11-21.",
    "Install it with npm i icons@2x.png",
    "git@example:iron/cage is a remote.",
    "He has 5,550,132 leads and 21,909 others.",
    "A ratio of 415/555 is what they want.",
    "The tracking code is 1Z999AA10123456784.",
    "Route 078-05-11200 does not exist.",
    "000-12-3456 is no number that is given out.",
    "pi is about 3.14159265358979",
    "@ada wrote: see you at 4:15",
)


@dataclass(frozen=True)
class PIISample:
    """A text with one private thing in it; without `type` it is a false alarm."""

    text: str
    type: str | None
    #: As it stands in the text.
    value: str
    redacted: str


def pii_samples(count: int = 10, *, seed: int = 0, types: Sequence[PIIType] = ("email", "phone", "ssn")) -> Iterator[PIISample]:
    """So many texts with something private; the same ones for the same seed."""
    dice = random.Random(seed)
    for number in range(count):
        kind = types[number % len(types)]
        value = _value(kind, dice)
        sentence = dice.choice(_SENTENCES[kind])
        yield PIISample(sentence.format(value), kind, value, sentence.format(PRIVATE_TYPES[kind].marker))


async def pii_samples_async(
    count: int = 10, *, seed: int = 0, types: Sequence[PIIType] = ("email", "phone", "ssn")
) -> AsyncIterator[PIISample]:
    """The same for `async for`."""
    for sample in pii_samples(count, seed=seed, types=types):
        yield sample


def false_alarms() -> Iterator[PIISample]:
    """Texts that look as if there were something private in them."""
    for text in _FALSE_ALARMS:
        yield PIISample(text, None, "", text)


def _value(kind: str, dice: random.Random) -> str:
    if kind == "email":
        return f"{dice.choice(_FIRST)}.{dice.choice(_LAST)}@{dice.choice(_DOMAINS)}"
    if kind == "phone":
        # 555-0100 to 555-0199 are kept for films.
        area, line = dice.choice(_AREAS), f"01{dice.randrange(100):02d}"
        return dice.choice(("({}) 555-{}", "{}-555-{}", "+1 {} 555 {}", "{}.555.{}")).format(area, line)
    if kind == "ssn":
        return dice.choice(_SSNS)
    if kind == "itin":
        return f"9{dice.randrange(100):02d}-{dice.randrange(70, 89)}-{dice.randrange(1, 10_000):04d}"
    raise ValueError(f"There is no type {kind!r}; expected one of {', '.join(PRIVATE_TYPES)}.")
