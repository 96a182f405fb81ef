"""What the agent knows of its work, kept by the room: a process that was killed goes on where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lead_files import Row

if TYPE_CHECKING:
    from iron_cage import AgentRuntime

_VERSION = 1


class Kept:
    """One document. It is on disk before anything that follows from it is said, so that nothing is counted twice."""

    def __init__(self, runtime: AgentRuntime) -> None:
        self._checkpoint = runtime.checkpoint
        found = self._checkpoint.load()
        document: dict[str, Any] = found if isinstance(found, dict) and found.get("version") == _VERSION else {}
        #: By their numbers.
        self.rows: dict[int, Row] = {row[0]: Row(*row) for row in document.get("rows", ())}
        #: Whether LinkedIn was answered for by others at last.
        self.is_linkedin_away: bool = document.get("isLinkedInAway", False)
        self._lead: int = document.get("lead", 0)
        self._said: dict[str, Any] = document.get("said", {})

    @property
    def failed(self) -> int:
        return sum(row.status == "failed" for row in self.rows.values())

    def begin(self, lead: int) -> None:
        """What was said of another lead is forgotten; what was said of this one is not asked again."""
        if lead != self._lead:
            self._lead, self._said = lead, {}

    def said(self, question: str) -> Any:
        """None where it was not asked yet."""
        return self._said.get(question)

    def keep(self, question: str, answer: Any) -> None:
        self._said[question] = answer
        self._save()

    def finish(self, row: Row) -> None:
        self.rows[row.number] = row
        self._lead, self._said = 0, {}
        self._save()

    def _save(self) -> None:
        self._checkpoint.save(
            {
                "version": _VERSION,
                "lead": self._lead,
                "said": self._said,
                "isLinkedInAway": self.is_linkedin_away,
                "rows": [list(row) for row in self.rows.values()],
            }
        )
