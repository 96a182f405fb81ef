"""What the agent says to the model, and with what it says it: LangChain, or the SDK alone. Both have the same conversation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from lead_files import WRONG_INPUT, CannotGoOn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk import ToolFunction
    from patience import Patience

MODEL = "o1"
MOST_TOKENS = 6000
#: The model wants to think on, and is let.
MORE = "MORE:"
GO_ON = "Go on."
MOST_ROUNDS = 200
# Calls of the model in one round, each but the last of which uses tools.
MOST_CALLS = 25

TASK = """\
You qualify sales leads for a maker of heat pumps. Look the person up with search_linkedin and, where you can, the company with \
enrich_clearbit, both at once. Weigh the person's role, the size and the industry of the company and how the lead came to us: a good \
lead can decide, and has a large building to heat through the winter. Where you need to think on, begin your answer with "MORE:". \
Otherwise answer with three lines:
Score: <0 to 10>/10
Why: <one sentence>
Letter: <a short letter to the person>"""


class Endless(Exception):
    """The model comes to no end."""


class Engine(Protocol):
    @property
    def title(self) -> str:
        """What the presenter calls it."""

    def converse(self, question: str, tools: Sequence[ToolFunction]) -> str:
        """The model's last word on a lead; raises Endless where it has none."""


def choose_engine(wanted: str, patience: Patience) -> Engine:
    """`langchain`, `sdk`, or `auto`: LangChain where it can be imported."""
    from engine_sdk import SdkEngine

    if wanted == "sdk":
        return SdkEngine(patience)
    if wanted not in ("auto", "langchain"):
        raise CannotGoOn(f"LEADS_ENGINE is {wanted!r}: it may be langchain, sdk or auto.", WRONG_INPUT)
    try:
        from engine_langchain import LangChainEngine
    # What is installed may be broken in any way.
    except Exception as problem:
        if wanted == "auto":
            return SdkEngine(patience)
        why = " ".join(str(problem).split())
        advice = "install langchain and langchain-openai, or leave LEADS_ENGINE at auto"
        raise CannotGoOn(f"LangChain cannot be imported ({why}): {advice}.", WRONG_INPUT) from problem
    return LangChainEngine(patience)


class Verdict(NamedTuple):
    #: None where the model gave none.
    score: int | None
    letter: str


def read_verdict(text: str) -> Verdict:
    score = re.search(r"^\W*score\W*(\d+)", text, re.IGNORECASE | re.MULTILINE)
    _, found, letter = text.partition("Letter:")
    # In one line, so that whoever reads results.csv line by line reads leads.
    return Verdict(min(10, int(score.group(1))) if score else None, " ".join((letter if found else "").split()))
