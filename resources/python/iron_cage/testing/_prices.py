"""What a MockRuntime counts with: the usual prices of some models of the control room's list, or those that a test names."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import cache
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_MILLION = 1_000_000
_DATE = re.compile(r"-(?:20\d{2}-[01]\d-[0-3]\d|20\d{2}[01]\d[0-3]\d|latest)\Z")


class Price:
    """Nanodollars for a million tokens, and the lengths that a model has."""

    __slots__ = ("context", "input", "most_output", "output")

    def __init__(self, input: int, output: int, context: int = 128_000, most_output: int = 16_384) -> None:
        self.input = input
        self.output = output
        self.context = context
        self.most_output = most_output

    def worst(self, input_tokens: int, most_output: int | None, choices: int) -> int:
        """What a call may cost at most."""
        output = choices * min(self.most_output if most_output is None else most_output, self.context)
        return -(-(min(self.context, input_tokens) * self.input + output * self.output) // _MILLION)

    def of(self, input_tokens: int, output_tokens: int) -> int:
        # Each line of a receipt is rounded by itself.
        return (input_tokens * self.input + _MILLION // 2) // _MILLION + (output_tokens * self.output + _MILLION // 2) // _MILLION


def price_of(model: str, own: Mapping[str, tuple[float, float]]) -> Price | None:
    """By its name, or its name without date; None where nobody named one."""
    plain = re.sub(r"^(?:openai|anthropic)/", "", model)
    for name in (model, plain, _DATE.sub("", plain)):
        if name in own:
            return Price(*(_per_million(str(one)) for one in own[name]))
        if name in _shipped():
            return _shipped()[name]
    return None


@cache
def _shipped() -> dict[str, Price]:
    listed = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))
    return {
        name: Price(_per_million(one["input"]), _per_million(one["output"]), one["contextTokens"], one["mostOutputTokens"])
        for name, one in listed.items()
    }


def _per_million(dollars: str) -> int:
    return int(Decimal(dollars) * 1_000_000_000)
