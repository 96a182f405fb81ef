"""What is read and what is written: leads.csv and results.csv."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _csv import Reader as CsvReader
    from collections.abc import Iterable
    from pathlib import Path

COLUMNS = ("name", "role", "company", "domain", "city", "note", "industry", "employees")
# What nobody can do without.
_NEEDED = ("name", "company", "domain")


class CannotGoOn(Exception):
    """A sentence for whoever started the agent, and the exit code that it ends with."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


#: Like the room's own code for wrong input.
WRONG_INPUT = 2


class Lead(NamedTuple):
    name: str
    role: str
    company: str
    domain: str
    city: str
    note: str
    #: Filled in for old customers.
    industry: str
    employees: str

    @property
    def is_known(self) -> bool:
        return bool(self.industry and self.employees)

    def question(self, number: int, total: int) -> str:
        known = f" Known: {self.industry}, {self.employees} employees." if self.is_known else ""
        who = f"{self.name}, {self.role} at {self.company} ({self.domain}), {self.city}."
        return f"Lead {number} of {total}: {who} Note: {self.note}.{known}"


class Row(NamedTuple):
    """What came of a lead. The columns of results.csv have these names."""

    number: int
    name: str
    company: str
    #: Of 10; None where the model gave none.
    score: int | None
    #: Who told of the person: primary, cached, or none.
    source: str
    #: done or failed
    status: str
    letter: str


def read_leads(file: Path) -> list[Lead]:
    try:
        # A spreadsheet begins its files with a mark.
        with file.open(newline="", encoding="utf-8-sig") as opened:
            return _leads_of(csv.reader(opened, strict=True), file.name)
    except OSError as problem:
        raise CannotGoOn(f"{file} cannot be read: {problem.strerror}.", WRONG_INPUT) from problem
    except UnicodeDecodeError as problem:
        raise CannotGoOn(f"{file.name} is no text in UTF-8: save it as CSV in UTF-8.", WRONG_INPUT) from problem
    except csv.Error as problem:
        raise CannotGoOn(f"{file.name} is no CSV: {problem}.", WRONG_INPUT) from problem


def _leads_of(lines: CsvReader, file: str) -> list[Lead]:
    header = [name.strip().lower() for name in next(lines, [])]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise CannotGoOn(f"{file} has no column {' and no column '.join(missing)}: it needs {', '.join(COLUMNS)}.", WRONG_INPUT)
    leads = []
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise CannotGoOn(f"{file}, line {lines.line_num}: {len(cells)} cells where the header has {len(header)}.", WRONG_INPUT)
        lead = Lead(**{name: " ".join(cells[header.index(name)].split()) for name in COLUMNS})
        empty = [name for name in _NEEDED if not getattr(lead, name)]
        if empty:
            raise CannotGoOn(f"{file}, line {lines.line_num}: {' and '.join(empty)} must not be empty.", WRONG_INPUT)
        leads.append(lead)
    if not leads:
        raise CannotGoOn(f"{file} has no leads.", WRONG_INPUT)
    return leads


def write_results(file: Path, rows: Iterable[Row]) -> None:
    """All of it anew, and put in its place when it is whole: whoever is killed leaves the old file or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.new")
    with new.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(rows)
    os.replace(new, file)
