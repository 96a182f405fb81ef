"""The two tools that the model may use for a lead. What they have said is kept at once, and asked once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sources import is_of_service

if TYPE_CHECKING:
    from collections.abc import Callable

    from kept import Kept
    from lead_files import Lead
    from sources import Sources
    from stage import Stage

    ToolFunction = Callable[..., str]


class Desk:
    def __init__(self, sources: Sources, kept: Kept, stage: Stage) -> None:
        self._sources = sources
        self._kept = kept
        self._stage = stage
        #: Who told of the person of this lead.
        self.source = ""

    def tools_for(self, number: int, lead: Lead) -> list[ToolFunction]:
        """Nobody has to be asked what is known of old customers."""
        self._kept.begin(number)
        self.source = ""
        return [self.search_linkedin] if lead.is_known else [self.search_linkedin, self.enrich_clearbit]

    def search_linkedin(self, name: str, company: str) -> str:
        """Finds a person's profile by name and company."""
        question = _question("search_linkedin", name, company)
        told = self._kept.said(question)
        if told is None:
            found = self._sources.person(name, company)
            self._tell(found.is_away, found.reason)
            value = found.value if isinstance(found.value, dict) else {"profile": found.value}
            told = {"error": "no profile", "source": "none"} if found.source == "none" else {**value, "source": found.source}
            self._kept.keep(question, told)
        self.source = told["source"]
        return _text(told)

    def enrich_clearbit(self, domain: str) -> str:
        """Finds what is known of a company by its domain."""
        question = _question("enrich_clearbit", domain)
        told = self._kept.said(question)
        if told is None:
            try:
                told = self._sources.company(domain)
            except Exception as problem:
                if not is_of_service(problem):
                    raise
                told = {"error": " ".join(str(problem).split())}
            self._kept.keep(question, told)
        return _text(told)

    def _tell(self, is_away: bool, reason: str) -> None:
        if is_away and not self._kept.is_linkedin_away:
            why = "limits our rate (429)" if "429" in reason else "does not answer"
            self._stage.note(f"LinkedIn {why}: from here on profiles are those that were kept.")
        elif not is_away and self._kept.is_linkedin_away:
            self._stage.note("LinkedIn is back: profiles are its own again.")
        self._kept.is_linkedin_away = is_away


def _question(tool: str, *words: str) -> str:
    return json.dumps([tool, *words])


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
