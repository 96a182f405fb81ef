"""MockRuntime decides as the control room does: src/main/policyCases.spec.ts runs the same cases against the room's own engines."""

from __future__ import annotations

from typing import Any

import pytest

from iron_cage.testing import MockRuntime, _breaker, _formats, find_private, policy_cases
from iron_cage.testing._budget import Claim, Purse
from iron_cage.testing._private import PRIVATE_TYPES

CASES = policy_cases()
FORMATS = {"spentOf": "spent_of", "smallMoney": "small_money", "viaFallback": "via_fallback"}


def named(section: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in CASES[section]]


@pytest.mark.parametrize("kind", CASES["detection"]["types"])
def test_marker_severity_and_risk(kind: str) -> None:
    facts = PRIVATE_TYPES[kind]
    assert {"marker": facts.marker, "severity": facts.severity, "risk": facts.risk} == CASES["detection"]["types"][kind]


@pytest.mark.parametrize("case", CASES["detection"]["texts"], ids=lambda case: repr(case["text"]))
def test_private_data(case: dict[str, Any]) -> None:
    with MockRuntime() as runtime:
        assert runtime.check(case["text"]) == case["redacted"]
        assert [{"type": one.type, "value": one.value} for one in find_private(case["text"])] == case["found"]
        assert [one.type for one in runtime.findings] == [one["type"] for one in case["found"]]


@pytest.mark.parametrize("case", named("budgets"))
def test_budgets(case: dict[str, Any]) -> None:
    book = MockRuntime(budget=str(case["limit"] / 1e9)).room.book
    purses = {name: Purse(limit) for name, limit in case["purses"].items()}
    claims: dict[str, Claim] = {}
    for step in case["steps"]:
        if "reserve" in step:
            claims[step["reserve"]] = book.enter(step["amount"], [purses[name] for name in step.get("from", [])])
        elif "settle" in step:
            book.settle(claims.pop(step["settle"]), step["cost"])
        elif "release" in step:
            book.leave(claims.pop(step["release"]))
        else:
            book.raise_by(step["raise"])
        verdicts = {name: claim.verdict for name, claim in claims.items()}
        assert {"claims": verdicts, "spent": book.spent, "reserved": book.reserved, "isWarned": book.is_warned} == step["after"]
        claims = {name: claim for name, claim in claims.items() if claim.verdict != "too narrow"}
        assert book.spent + book.reserved <= book.limit


@pytest.mark.parametrize("case", named("breakers"))
def test_breakers(case: dict[str, Any]) -> None:
    policy = _breaker.policy_with(_breaker.Policy(), case["policy"])
    breaker, epochs = _breaker.Breaker(0), {}
    for step in case["steps"]:
        at = step["at"]
        if "begin" in step:
            call = step["begin"]
            breaker = _breaker.begin(breaker, at, call, step.get("price", 0), policy)
            epochs[call] = breaker.epoch
            assert (breaker.allows(call), breaker.is_probe(call)) == (step["may"], step["isProbe"])
        elif "end" in step:
            call = step["end"]
            detail, after = step.get("detail"), step.get("retryAfterMs")
            breaker = _breaker.end(breaker, at, call, epochs[call], step["outcome"], detail, after, policy)
        else:
            breaker = _breaker.reset(breaker, at, policy) if "reset" in step else _breaker.tick(breaker, at, policy)
        assert step["after"] == {
            "state": breaker.kind,
            "retryAt": breaker.retry_at,
            "failuresInARow": breaker.failures_in_a_row,
            "calls": breaker.calls,
            "failures": breaker.failures,
            "blocked": breaker.blocked,
            "saved": breaker.saved,
            "recoveries": breaker.recoveries,
            "reason": breaker.reason,
        }


@pytest.mark.parametrize("case", named("fallbacks"))
def test_fallbacks(case: dict[str, Any]) -> None:
    ids: dict[str, str] = {}
    with MockRuntime() as runtime:
        runtime._ask("service.declare", {"service": "people", **case["declare"]})
        runtime.room.services.unit = case["unit"]
        for step in case["steps"]:
            if "advanceMs" in step:
                runtime.clock.advance(step["advanceMs"] / 1000)
            elif "begin" in step:
                verdict = dict(runtime._ask("service.begin", {"service": "people", "endpoint": "", "key": step["key"]}) or {})
                ids[step["begin"]] = verdict.pop("callId")
                assert verdict == step["verdict"]
            elif "end" in step:
                told = {name: step[name] for name in ("outcome", "detail", "retryAfterMs", "again", "value") if name in step}
                ending = dict(runtime._ask("service.end", {"callId": ids[step["end"]], **told}) or {})
                assert ending == {"instead": step["instead"], "isOpen": step.get("isOpen", ending["isOpen"])}
            else:
                runtime._ask("service.served", {"callId": ids[step["served"]], "tier": step["tier"]})
        view = runtime.service_view("people")
    assert {name: view[name] for name in case["view"]} == case["view"]


@pytest.mark.parametrize("case", CASES["formats"], ids=lambda case: f"{case['format']} {case['arguments']}")
def test_formats(case: dict[str, Any]) -> None:
    assert getattr(_formats, FORMATS.get(case["format"], case["format"]))(*case["arguments"]) == case["text"]
