"""What a presenter sees in the terminal. Colour is for terminals alone."""

from __future__ import annotations

import os
import sys
from textwrap import shorten
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lead_files import Row

#: From these points on a lead is worth a call.
GOOD = 7
_WEAK = 4
_LETTER_WIDTH = 88
_SOURCES = {"primary": "LinkedIn", "cached": "kept profile", "none": "no profile", "": "LinkedIn not asked"}


class Stage:
    def __init__(self) -> None:
        # Terminals of other encodings get a question mark, and no exception.
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")
        self._has_colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def begin(self, total: int, done: int, file: str, engine: str, model: str) -> None:
        self._say(self._in("1", f"{total} leads from {file}") + self._in("2", f"  ·  {engine}  ·  model {model}"))
        if done:
            self._say(self._in("36", f"     {done} are done already; it goes on with lead {min(done + 1, total)}."))

    def lead(self, row: Row) -> None:
        points = " –/10" if row.score is None else f"{row.score:2d}/10"
        colour = "31" if row.score is None else "32;1" if row.score >= GOOD else "33" if row.score >= _WEAK else "2"
        source = self._in({"primary": "2", "cached": "33"}.get(row.source, "31"), _SOURCES.get(row.source, row.source))
        self._say(f"{row.number:4d}  {self._in(colour, points)}  {self._in('1', row.name)}, {row.company}  ·  {source}")
        if row.letter:
            self._say(self._in("2", f"             {shorten(row.letter, _LETTER_WIDTH, placeholder=' …')}"))

    def note(self, sentence: str) -> None:
        self._say(self._in("36", f"   ›  {sentence}"))

    def end(self, rows: Sequence[Row], results: str) -> None:
        good = sum(row.score is not None and row.score >= GOOD for row in rows)
        failed = sum(row.status == "failed" for row in rows)
        told = [
            f"{sum(row.source == tier for row in rows)} {name}"
            for tier, name in (("primary", "by LinkedIn"), ("cached", "kept"), ("none", "without"))
        ]
        self._say(
            self._in(
                "1", f"Done: {len(rows)} leads, {good} worth a call, {failed} failed. Profiles: {', '.join(told)}. Written to {results}."
            )
        )

    def stop(self, sentence: str) -> None:
        self._say(self._in("31;1", sentence))

    def _in(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._has_colour else text

    def _say(self, line: str) -> None:
        print(line, flush=True)
