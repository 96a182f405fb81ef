"""Parts of the demo's agent, for which no process is needed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demo_world import COLUMNS, DEMO

HEADER = ",".join(COLUMNS)
LEAD = "Ada Testworth,Founder,Sample,sample.example,Mockford,met at a fair,,"


@pytest.fixture(autouse=True)
def on_the_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(DEMO))
    yield


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "leads.csv has no column name and no column role"),
        (HEADER.encode(), "leads.csv has no leads."),
        (f"{HEADER}\n{LEAD}\nAda,Founder".encode(), "leads.csv, line 3: 2 cells where the header has 8."),
        (f"{HEADER}\n{LEAD.replace('sample.example', '')}".encode(), "leads.csv, line 2: domain must not be empty."),
        (f"{HEADER}\n{LEAD}\n\xe4,,,,,,,".encode("latin-1"), "leads.csv is no text in UTF-8: save it as CSV in UTF-8."),
        (f'{HEADER}\n"Ada'.encode(), "leads.csv is no CSV: unexpected end of data."),
    ],
)
def test_a_broken_list(tmp_path: Path, text: bytes, sentence: str) -> None:
    from lead_files import CannotGoOn, read_leads

    (tmp_path / "leads.csv").write_bytes(text)
    with pytest.raises(CannotGoOn) as told:
        read_leads(tmp_path / "leads.csv")
    assert str(told.value).startswith(sentence)


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    from lead_files import CannotGoOn, read_leads

    with pytest.raises(CannotGoOn, match="cannot be read: No such file or directory"):
        read_leads(tmp_path / "leads.csv")


def test_a_list_as_spreadsheets_write_it(tmp_path: Path) -> None:
    from lead_files import read_leads

    (tmp_path / "leads.csv").write_bytes(f"\ufeff{HEADER}\r\n{LEAD}\r\n\r\n".encode())
    assert [lead.name for lead in read_leads(tmp_path / "leads.csv")] == ["Ada Testworth"]


class Time:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Runtime:
    """Answers what is asked of the room's demo."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []

    def _ask(self, command: str, given: Any, *, is_repeatable: bool) -> Any:
        self.asked.append((command, given, is_repeatable))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    import pace

    made = Time()
    monkeypatch.setattr(pace, "time", made)
    return made


def test_a_lead_waits_for_its_turn_as_the_demo_says(time: Time) -> None:
    from pace import Pace

    runtime = Runtime({"waitMs": 2500, "speed": 1}, {"waitMs": 1, "speed": 1}, {"waitMs": 0, "speed": "max"})
    pace = Pace(runtime, 1.0)  # type: ignore[arg-type]
    assert pace.divisor == 1
    pace.wait_for(7)
    assert runtime.asked == [("demo.turn", {"lead": 7}, True)] * 3
    assert time.slept == [2.5, 0.05]
    assert pace.divisor == 100


def test_where_no_demo_of_the_room_runs_it_the_agent_has_its_own_pace(time: Time) -> None:
    from iron_cage import Refused
    from pace import Pace

    pace = Pace(Runtime(Refused("There is no demo.")), 1.0)  # type: ignore[arg-type]
    began = []
    for lead, work in enumerate([2.0, 20.0, 40.0, 2.0, 2.0], 1):
        pace.wait_for(lead)
        began.append(round(time.now - 1000, 2))
        time.now += work
    # The third is late, and the rest not for that; the fourth is later than a lead takes, and it goes on from there.
    assert began == [0, 16.98, 36.98, 76.98, 93.96]


def test_ten_times_as_fast_and_as_fast_as_it_goes(time: Time) -> None:
    from pace import MAX, Pace, speed_of

    for speed, apart in ((speed_of("10"), 1.698), (speed_of("max"), 0.0)):
        pace, start = Pace(Runtime(), speed), time.now  # type: ignore[arg-type]
        for lead in (1, 2, 3):
            pace.wait_for(lead)
        assert time.now - start == pytest.approx(2 * apart, abs=0.001)
    assert speed_of("max") == MAX
    with pytest.raises(ValueError):
        speed_of("fast")


class Said:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)


def ask_in_vain(monkeypatch: pytest.MonkeyPatch, speed: float, problem: Exception) -> tuple[Time, Said]:
    import patience
    from pace import Pace

    time, said = Time(), Said()
    monkeypatch.setattr(patience, "time", time)

    def fail() -> None:
        raise problem

    with pytest.raises(Exception) as ended:
        patience.Patience(Pace(Runtime(), speed), said).ask(fail)  # type: ignore[arg-type]
    time.slept.append(0)
    said.notes.append(str(ended.value))
    return time, said


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    time, said = ask_in_vain(monkeypatch, 1.0, ConnectionRefusedError())
    assert time.slept[:7] == [0.5, 1, 2, 4, 8, 15, 15]
    assert said.notes == [
        "The model does not answer: it cannot be reached. It is asked again, for up to 15 minutes.",
        "The model has not answered for 15 minutes: it cannot be reached.",
    ]
    quicker, _ = ask_in_vain(monkeypatch, 10.0, TimeoutError())
    assert quicker.slept[:3] == [0.05, 0.1, 0.2] and max(quicker.slept) == 1.5
    assert 900 <= time.now - 1000 < 920 and 900 <= quicker.now - 1000 < 902


def test_what_the_room_refuses_is_not_asked_again_but_for_a_breaker_and_a_missing_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from iron_cage import BudgetExceeded, CircuitOpen, NotAllowed, PIIBlocked, Refused, RuntimeUnavailable
    from patience import why_wait

    for problem in (BudgetExceeded(1, 1, 1), PIIBlocked(["email"]), NotAllowed("No."), Refused("The run is over.", code="UNKNOWN_RUN")):
        assert why_wait(problem) is None
        assert ask_in_vain(monkeypatch, 1.0, problem)[0].slept == [0]
    for problem in (CircuitOpen("openai", 30), RuntimeUnavailable("It closes."), Refused("There is no key.", code="NO_KEY")):
        assert why_wait(problem)


def test_a_call_has_no_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import engine_sdk

    asked: list[Any] = []

    def urlopen(*args: Any, **options: Any) -> Any:
        asked.append((len(args), options))
        return io.BytesIO(b'{"choices": [{"message": {"content": "hi"}}]}')

    monkeypatch.setattr(engine_sdk, "urlopen", urlopen)
    assert engine_sdk._ask([], []) == {"role": "assistant", "content": "hi"}
    assert asked == [(1, {})]


def test_a_call_with_langchain_has_none_either_and_no_retries() -> None:
    pytest.importorskip("langchain_openai")
    from engine_langchain import LangChainEngine

    client = LangChainEngine(None)._model.root_client  # type: ignore[arg-type]
    assert (client.timeout, client.max_retries) == (None, 0)


def test_results_that_cannot_be_written_leave_the_old_ones(tmp_path: Path) -> None:
    from lead_files import Row, write_results

    file = tmp_path / "new" / "results.csv"
    row = Row(1, "Ada Testworth", "Sample", None, "none", "failed", 'say "hi", Ada')
    write_results(file, [row])
    with pytest.raises(RuntimeError):
        write_results(file, _broken(row))
    assert file.read_text() == 'number,name,company,score,source,status,letter\n1,Ada Testworth,Sample,,none,failed,"say ""hi"", Ada"\n'


def _broken(row: Any) -> Iterator[Any]:
    yield row
    raise RuntimeError


@pytest.mark.parametrize(
    ("text", "score", "letter"),
    [
        ("Score: 8/10\nWhy: warm.\nLetter: Dear Ada,\n\nhello.", 8, "Dear Ada, hello."),
        ("**Score:** 12/10", 10, ""),
        ("I cannot tell.", None, ""),
    ],
)
def test_what_the_model_says_is_read(text: str, score: int | None, letter: str) -> None:
    from engine import read_verdict

    assert read_verdict(text) == (score, letter)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    from lead_files import Row
    from stage import Stage

    said = []
    for setting in ({"TERM": "xterm"}, {"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}):
        monkeypatch.delenv("NO_COLOR", raising=False)
        for name, value in setting.items():
            monkeypatch.setenv(name, value)
        out = Terminal()
        monkeypatch.setattr("sys.stdout", out)
        Stage().lead(Row(7, "Ada Testworth", "Sample", 8, "cached", "done", "Dear Ada, " + "la " * 60))
        said.append(out.getvalue())
    assert "\x1b[32;1m 8/10\x1b[0m" in said[0]
    assert said[1] == said[2]
    first, second = said[1].splitlines()
    assert first == "   7   8/10  Ada Testworth, Sample  ·  kept profile"
    assert second.startswith("             Dear Ada, la la") and second.endswith(" …") and len(second) <= 102
