"""Qualifies a hundred invented leads: looks each person and company up, lets a model score them and draft a letter, and writes results.csv.

`iron_cage demo` starts it with services of its own on this machine. With the real ones it runs by itself:

    LINKEDIN_API_URL=… CLEARBIT_API_URL=… iron_cage start lead_gen_agent.py

LEADS_ENGINE is langchain, sdk or auto; LEADS_FILE and LEADS_RESULTS are what --leads and --results are.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit("This agent needs Python 3.10 or later; this is Python {}.{}.".format(*sys.version_info[:2]))

try:
    from iron_cage import AgentRuntime, BudgetExceeded, IronCageError, PIIBlocked
except ImportError:
    sys.exit("This agent needs the package iron_cage: start it with `iron_cage demo` or `iron_cage start`, which bring it.")

from desk import Desk
from engine import MODEL, Endless, Verdict, choose_engine, read_verdict
from iron_cage.errors import from_exception
from kept import Kept
from lead_files import CannotGoOn, Lead, Row, read_leads, write_results
from pace import Pace, speed_of
from patience import Patience
from sources import Sources, expect_addresses
from stage import Stage

if TYPE_CHECKING:
    from engine import Engine

_OVER_BUDGET, _BLOCKED, _FAILED, _INTERRUPTED = 120, 121, 1, 130


class Work:
    def __init__(self, runtime: AgentRuntime, engine: Engine, pace: Pace, stage: Stage, leads: list[Lead], results: Path) -> None:
        self._runtime = runtime
        self._engine = engine
        self._pace = pace
        self._stage = stage
        self._leads = leads
        self._results = results
        self._kept = Kept(runtime)
        self._desk = Desk(Sources(runtime, pace), self._kept, stage)

    def do(self, file: str) -> None:
        self._stage.begin(len(self._leads), len(self._kept.rows), file, self._engine.title, MODEL)
        try:
            write_results(self._results, self._rows())
        except OSError as problem:
            raise CannotGoOn(f"{self._results} cannot be written: {problem.strerror}.") from problem
        self._tell_progress(None)
        for number, lead in enumerate(self._leads, 1):
            if number not in self._kept.rows:
                self._pace.wait_for(number)
                began = time.monotonic()
                row = self._qualify(number, lead)
                # Its row is kept before anything else of it is: whoever is killed from here on does not do it again.
                self._kept.finish(row)
                self._write()
                self._stage.lead(row)
                self._tell_progress(time.monotonic() - began)
        self._stage.end(self._rows(), self._results.name)

    def _qualify(self, number: int, lead: Lead) -> Row:
        tools = self._desk.tools_for(number, lead)
        try:
            verdict = read_verdict(self._engine.converse(lead.question(number, len(self._leads)), tools))
        except Endless:
            verdict = Verdict(None, "")
        is_failed = self._desk.source == "none" or verdict.score is None
        status = "failed" if is_failed else "done"
        return Row(number, lead.name, lead.company, verdict.score, self._desk.source, status, verdict.letter)

    def _rows(self) -> list[Row]:
        return [row for _, row in sorted(self._kept.rows.items())]

    def _write(self) -> None:
        try:
            write_results(self._results, self._rows())
        except OSError as problem:
            # Nothing of it is lost: the next lead writes it too.
            self._stage.note(f"{self._results} cannot be written at this moment: {problem.strerror}.")

    def _tell_progress(self, latency: float | None) -> None:
        rows, leads = self._kept.rows, enumerate(self._leads, 1)
        next_name = next((lead.name for number, lead in leads if number not in rows), None)
        step = f"qualifying {next_name}" if next_name else ""
        self._runtime.progress(len(rows), len(self._leads), unit="lead", failed=self._kept.failed, latency=latency, step=step)


def main() -> int:
    options = _options()
    stage = Stage()
    _settle_environment()
    try:
        expect_addresses()
        leads = read_leads(options.leads)
        with AgentRuntime(budget=None, name="lead generation") as runtime:
            try:
                pace = Pace(runtime, options.speed)
                engine = choose_engine(os.environ.get("LEADS_ENGINE") or "auto", Patience(pace, stage))
                Work(runtime, engine, pace, stage, leads, options.results).do(options.leads.name)
            except Exception as problem:
                # Said in a sentence below, and so no error that the room has to hear of.
                ours = from_exception(problem)
                if ours is None:
                    raise
                return _refused(stage, ours, options.results)
    except CannotGoOn as problem:
        stage.stop(str(problem))
        return problem.code
    except IronCageError as problem:
        return _refused(stage, problem, options.results)
    except KeyboardInterrupt:
        stage.stop("Interrupted. What was done stands in the results; started again by the room, it goes on where it was.")
        return _INTERRUPTED
    return 0


def _settle_environment() -> None:
    """What this machine has set up for other work is not for this."""
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join([one for one in (os.environ.get(name),) if one] + ["127.0.0.1", "localhost"])
    # LangChain would tell it to its makers.
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"


def _refused(stage: Stage, problem: IronCageError, results: Path) -> int:
    stage.stop(f"{problem.message.rstrip('.')}. The leads that are done stand in {results.name}.")
    return _OVER_BUDGET if isinstance(problem, BudgetExceeded) else _BLOCKED if isinstance(problem, PIIBlocked) else _FAILED


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Qualifies the leads of a list.")
    leads = os.environ.get("LEADS_FILE") or Path(__file__).with_name("leads.csv")
    results = os.environ.get("LEADS_RESULTS") or "results.csv"
    parser.add_argument(
        "--leads", type=Path, default=Path(leads), metavar="FILE", help="the list of leads, as CSV (leads.csv beside this file)"
    )
    parser.add_argument("--results", type=Path, default=Path(results), metavar="FILE", help="where the results go (results.csv here)")
    parser.add_argument(
        "--speed",
        type=speed_of,
        default=1.0,
        metavar="1|10|max",
        help="how much faster than 212 leads an hour, where the room sets no pace",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
