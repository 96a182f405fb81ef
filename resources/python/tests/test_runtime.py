from __future__ import annotations

import asyncio
import builtins
import copy
import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bridge import Bridge, Refuse

import iron_cage
from iron_cage import (
    AgentRuntime,
    BudgetExceeded,
    CircuitOpen,
    IronCageError,
    NotAllowed,
    PIIBlocked,
    RuntimeUnavailable,
    current_runtime,
    current_scope,
)
from iron_cage.errors import from_exception


def test_the_block_tells_and_asks(bridge: Bridge) -> None:
    bridge.answers["output.check"] = lambda given: {"value": "[EMAIL_REDACTED]", "isBlocked": False, "types": ["email"], "reason": None}
    with AgentRuntime(budget="$2.50", name="work") as runtime:
        runtime.progress(23, 100, unit="lead", failed=1, latency=[1.9, 0.25], step="scoring")
        runtime.log("read", level="warning", rows=100, folder=os.sep, thing=object)
        assert runtime.check("ceo@acme.com") == "[EMAIL_REDACTED]"
        assert runtime.spent == 0.1
    assert runtime.spent == 0.25 and runtime.limit == 2.5
    assert bridge.inputs("scope.open") == [{"name": "work", "budget": "2.5"}]
    assert bridge.inputs("agent.progress") == [
        {"done": 23, "total": 100, "unit": "lead", "failed": 1, "latencyMs": [1900, 250], "step": "scoring"}
    ]
    (line,) = bridge.inputs("agent.log")[0]["lines"]
    assert (line["level"], line["fields"]) == ("WARN", {"rows": 100, "folder": "/", "thing": "<class 'object'>"})
    with pytest.raises(RuntimeError, match="is not open"):
        runtime.check("x")


@pytest.mark.parametrize(("given", "meant"), [("$1,000", 1000.0), ("1,234,567.50", 1234567.5), ("0.25", 0.25), (".5", 0.5), (50, 50.0)])
def test_a_budget_as_people_write_it(given: float | str, meant: float) -> None:
    assert AgentRuntime(budget=given).limit == meant


@pytest.mark.parametrize(
    "given", ["1,50", "1,5", "0,25", "12,34", ",500", "1234,567", "1,0000", "1.5,000", "", "$", "-1", "0", "0.0000000001", True]
)
def test_a_budget_that_could_mean_something_else(given: float | str) -> None:
    with pytest.raises(ValueError, match="expected an amount of dollars"):
        AgentRuntime(budget=given)


def test_blocked_output_is_an_exception(bridge: Bridge) -> None:
    bridge.answers["output.check"] = lambda given: {"value": None, "isBlocked": True, "types": ["ssn"], "reason": "An SSN may not go out."}
    with AgentRuntime() as runtime, pytest.raises(PIIBlocked, match="An SSN may not go out.") as caught:
        runtime.check("078-05-1120")
    assert caught.value.types == ("ssn",)


def test_what_is_larger_than_a_line_of_the_wire_is_checked_in_portions(bridge: Bridge) -> None:
    def check(given: dict[str, Any]) -> dict[str, Any]:
        value = [text.replace("ceo@acme.com", "[EMAIL_REDACTED]") for text in given["value"]]
        return {"value": value, "isBlocked": False, "types": ["email"], "reason": None}

    bridge.answers["output.check"] = check
    report = f"{'a word ' * 200_000}ceo@acme.com"
    with AgentRuntime() as runtime:
        assert runtime.check({"report": report, "pages": 7}) == {"report": report.replace("ceo@acme.com", "[EMAIL_REDACTED]"), "pages": 7}
        assert {asked["place"] for asked in bridge.inputs("output.check")} == {"output"}
        bridge.answers["output.check"] = lambda given: {"value": None, "isBlocked": True, "types": ["email"], "reason": "An address."}
        with pytest.raises(PIIBlocked, match="An address."):
            runtime.check(report)


@pytest.mark.parametrize(("given", "mode"), [(True, None), (False, "warn"), ("block", "block")])
def test_pii_detection_is_the_mode_of_the_scope(bridge: Bridge, given: bool, mode: str | None) -> None:
    with AgentRuntime(pii_detection=given):
        pass
    assert bridge.inputs("scope.open")[0].get("safetyMode") == mode


def test_a_scope_that_is_refused_opens_nothing(bridge: Bridge) -> None:
    def refuse(_given: object) -> None:
        raise Refuse("CONFLICT", "Too many scopes.")

    bridge.answers["scope.open"] = refuse
    with pytest.raises(IronCageError, match="Too many scopes."), AgentRuntime():
        raise AssertionError
    assert current_runtime() is None


def test_a_block_may_be_required(bridge: Bridge) -> None:
    with pytest.raises(RuntimeUnavailable, match="no protected block"):
        iron_cage.require_runtime()
    with AgentRuntime() as own:
        assert iron_cage.require_runtime() is own


def test_the_async_form_gives_everything_back_when_it_is_cancelled(bridge: Bridge) -> None:
    async def work(entered: asyncio.Event) -> None:
        async with AgentRuntime(budget=1):
            entered.set()
            await asyncio.sleep(60)

    async def cancel() -> None:
        entered = asyncio.Event()
        task = asyncio.create_task(work(entered))
        await entered.wait()
        assert current_runtime() is None
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert bridge.commands() == ["scope.open", "scope.close"]


def test_goes_along_into_threads_pools_and_tasks(bridge: Bridge) -> None:
    def look() -> tuple[object, str | None]:
        return current_runtime(), current_scope()

    async def tasks() -> list[object]:
        here = asyncio.create_task(asyncio.to_thread(look))
        loop = asyncio.get_running_loop()
        return [await here, await loop.run_in_executor(None, look)]

    with ThreadPoolExecutor(1) as pool:
        with AgentRuntime(budget=1) as runtime:
            expected = runtime, current_scope()
            found: list[object] = []
            thread = threading.Thread(target=lambda: found.append(look()))
            thread.start()
            thread.join()
            assert found == [expected]
            assert pool.submit(look).result() == expected
            assert list(pool.map(lambda _one: look(), range(3))) == [expected] * 3
            assert asyncio.run(tasks()) == [expected, expected]
        # The pool's thread was started within the block, and serves others now.
        assert pool.submit(look).result() == (None, None)


def test_a_thread_that_outlives_its_block_is_in_none(bridge: Bridge) -> None:
    ended, seen = threading.Event(), []

    def work() -> None:
        ended.wait(10)
        seen.append(current_runtime())

    with AgentRuntime(budget=1):
        thread = threading.Thread(target=work)
        thread.start()
    ended.set()
    thread.join()
    assert seen == [None]


def test_a_forked_child_that_leaves_the_block_ends_nothing(bridge: Bridge) -> None:
    child = -1
    with AgentRuntime(budget=1):
        child = os.fork()
        if child == 0:
            import contextlib

            with contextlib.suppress(BaseException):
                pass
    if child == 0:
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert bridge.commands() == ["scope.open", "scope.close"]


def test_a_checkpoint_is_saved_loaded_and_gone_through(bridge: Bridge) -> None:
    kept: list[object] = []
    bridge.answers["checkpoint.save"] = lambda given: (kept.append(given["document"]), {"savedAt": 1, "bytes": 1})[1]
    bridge.answers["checkpoint.load"] = lambda _given: {"document": kept[-1], "savedAt": 1} if kept else {"document": None, "savedAt": None}
    with AgentRuntime() as runtime:
        assert runtime.checkpoint.load(default=7) == 7
        for lead in runtime.checkpoint.each(["a", "b", "c"]):
            if lead == "c":
                break
    with AgentRuntime() as runtime, AgentRuntime(name="inner") as inner:
        assert list(inner.checkpoint.each(["a", "b", "c", "d"])) == ["c", "d"]
        assert runtime.checkpoint.load() == {"done": ["a", "b", "c", "d"]}


def test_tools_are_told_redacted_and_refused(bridge: Bridge) -> None:
    def begin(given: dict[str, dict[str, object]]) -> dict[str, object]:
        is_allowed = given["name"] != "delete"
        return {
            "isAllowed": is_allowed,
            "reason": None if is_allowed else "It is not on the list.",
            "input": {**given["input"], "body": "[SSN]"},
        }

    bridge.answers["tool.begin"] = begin
    bridge.answers["tool.end"] = lambda given: {"output": "redacted" if given["output"] == "private" else given["output"]}
    with AgentRuntime() as runtime:

        @runtime.tool("send")
        def send(to: str, body: str, *, copies: object = None) -> str:
            return "private" if to == "all" else f"{to}: {body} {copies}"

        @iron_cage.tool("delete")
        async def delete(**options: object) -> None:
            raise AssertionError

        @runtime.tool()
        def broken() -> None:
            raise KeyError("here")

        @iron_cage.tool
        def look_up(to: str, body: str) -> str:
            return f"{to}: {body}"

        @runtime.tool
        def note(to: str, body: str) -> str:
            return f"{to}: {body}"

        assert send("ada", body="078-05-1120", copies=object) == f"ada: [SSN] {object}"
        assert send("all", "x") == "redacted"
        assert look_up("ada", body="private") == note("ada", body="private") == "ada: [SSN]"
        with pytest.raises(NotAllowed, match="It is not on the list."):
            asyncio.run(delete(path="/"))
        with pytest.raises(KeyError):
            broken()
    assert [given["name"] for given in bridge.inputs("tool.begin")] == ["send", "send", "look_up", "note", "delete", "broken"]
    assert bridge.inputs("tool.begin")[0]["input"] == {"to": "ada", "body": "078-05-1120", "copies": "<class 'object'>"}
    assert bridge.inputs("tool.end")[-1]["error"] == "KeyError: 'here'" and bridge.inputs("tool.end")[-1]["isOk"] is False


def test_unprotected_there_is_one_warning_and_everything_works(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    from iron_cage import _link

    monkeypatch.setenv("IRON_CAGE_HOME", str(tmp_path))
    monkeypatch.delenv("IRON_CAGE_RUN_TOKEN", raising=False)
    monkeypatch.setattr(_link, "_has_warned", False)
    with pytest.warns(RuntimeWarning, match="runs unprotected") as warned:
        for _ in range(2):
            with AgentRuntime(when_missing="unprotected") as runtime:
                assert not runtime.is_protected and runtime.agent_id == "" and runtime.spent == 0
                runtime.progress(1, 2)
                runtime.log("x")
                assert runtime.check("ceo@acme.com") == "ceo@acme.com"
                assert list(runtime.checkpoint.each("ab")) == ["a", "b"]
                assert runtime.tool()(len)("abc") == 3
    assert len(warned) == 1 and warned[0].filename == __file__
    with pytest.raises(RuntimeUnavailable, match="No control room is running"), AgentRuntime(when_missing="fail"):
        raise AssertionError


@pytest.mark.parametrize(
    "problem",
    [
        BudgetExceeded(50.0, 49.87, 0.3),
        PIIBlocked(["email", "ssn"]),
        CircuitOpen("linkedin", 12.5),
        NotAllowed("The tool is not on the list.", details={"tool": "x"}),
        RuntimeUnavailable("Nobody is there."),
    ],
)
def test_exceptions_are_copied_pickled_and_shown(problem: IronCageError) -> None:
    for twin in (copy.copy(problem), pickle.loads(pickle.dumps(problem))):
        assert type(twin) is type(problem) and str(twin) == str(problem) and vars(twin) == vars(problem)
    assert str(problem).endswith(".") and repr(problem) == f"{type(problem).__name__}({str(problem)!r})"


def test_the_sentences_of_exceptions() -> None:
    assert (
        str(BudgetExceeded(50.0, 49.87, 0.3))
        == "The budget does not cover the call: $49.87 of $50.00 are spent, and the call could have cost $0.30."
    )
    assert str(CircuitOpen("linkedin", 12.4)) == "linkedin has failed too often of late and was not called; it may be tried again in 12 s."
    assert str(PIIBlocked(["email", "ssn"])) == "Private data was blocked: email, ssn."


def test_recognises_refusals_in_whatever_a_client_raises() -> None:
    class Response:
        def __init__(self, body: object, **headers: str) -> None:
            self.headers = headers
            self._body = body

        def json(self) -> object:
            if isinstance(self._body, Exception):
                raise self._body
            return self._body

    def raised(**members: object) -> Exception:
        problem = Exception("HTTP 403")
        vars(problem).update(members)
        return problem

    ours = {"code": "PII_BLOCKED", "types": ["ssn"]}
    named = {"x-iron-cage-refusal": "PII_BLOCKED"}
    anthropic = raised(body={"type": "error", "error": {"type": "permission_error", "message": "An SSN.", "iron_cage": ours}})
    requests = raised(response=Response({"error": {"message": "An SSN.", "iron_cage": ours}}, **named))
    streamed = raised(response=Response(RuntimeError("not read"), **named))
    text = raised(body='{"error": {"message": "An SSN.", "iron_cage": {"code": "PII_BLOCKED", "types": ["ssn"]}}}')
    for problem in (anthropic, requests, text):
        found = from_exception(problem)
        assert isinstance(found, PIIBlocked) and found.types == ("ssn",) and str(found) == "An SSN."
    assert isinstance(from_exception(streamed), PIIBlocked)
    wrapped = ValueError("a framework's own")
    wrapped.__cause__ = anthropic
    assert isinstance(from_exception(wrapped), PIIBlocked)
    assert from_exception(raised(response=Response({"error": {"message": "no"}}))) is None
    assert from_exception(KeyError("x")) is None
    with pytest.raises(PIIBlocked) as caught, iron_cage.refusals():
        raise anthropic
    assert caught.value.__cause__ is anthropic
    for other in (KeyError("x"), PIIBlocked(["ssn"]), KeyboardInterrupt()):
        with pytest.raises(type(other)) as passed, iron_cage.refusals():
            raise other
        assert passed.value is other
    group = getattr(builtins, "ExceptionGroup", None)
    if group is not None:
        assert isinstance(from_exception(group("tasks", [KeyError("x"), group("more", [anthropic])])), PIIBlocked)


def test_an_exception_that_cannot_say_what_it_is_is_told_all_the_same(bridge: Bridge) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise KeyError

    with pytest.raises(Mute), AgentRuntime():
        raise Mute
    assert bridge.wait("agent.raise")[0]["message"].startswith("It could not be told")
    assert bridge.commands()[-1] == "scope.close"


def test_importing_it_loads_next_to_nothing() -> None:
    code = "import sys; before = set(sys.modules); import iron_cage; print(sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(iron_cage.__path__[0] + '/..')!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['__future__', 'iron_cage']"


def test_everything_can_be_imported_where_langchain_is_not_installed() -> None:
    code = "import sys; sys.modules['langchain_core'] = None; from iron_cage import *; print(AgentRuntime.__name__)"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.path.dirname(iron_cage.__path__[0])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("AgentRuntime\n", "")


def test_every_name_that_is_offered_is_there() -> None:
    for name in iron_cage.__all__:
        assert getattr(iron_cage, name) is not None
    assert set(dir(iron_cage)) == {*iron_cage.__all__, "IronCageCallbackHandler", "IronCageChain"}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = iron_cage.nothing  # type: ignore[attr-defined]
