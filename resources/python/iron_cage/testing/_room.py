"""The control room of a MockRuntime: it answers what the SDK asks, out of memory."""

from __future__ import annotations

import json
import random
from threading import RLock

from iron_cage._runtime import to_nanodollars
from iron_cage.errors import IronCageError, from_refusal
from iron_cage.testing import _formats
from iron_cage.testing._budget import Book, Claim, Purse
from iron_cage.testing._clock import MockClock
from iron_cage.testing._desk import ServiceDesk
from iron_cage.testing._events import Call, Event, Finding
from iron_cage.testing._safety import Judged, Safety, stricter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_NANODOLLARS = 1_000_000_000
#: Without a limit of its own a run has the largest that there may be.
_UNLIMITED = 1_000_000 * _NANODOLLARS


class Scope(Purse):
    """A part of the run; `chain` has this one first and the outermost last."""

    __slots__ = ("calls", "chain", "mode", "name", "scope_id")

    def __init__(self, scope_id: str, name: str, limit: int | None, mode: str | None, outer: Scope | None) -> None:
        super().__init__(limit)
        self.scope_id = scope_id
        self.name = name
        self.mode: str | None = stricter(mode, None if outer is None else outer.mode)
        self.chain: tuple[Scope, ...] = (self, *(() if outer is None else outer.chain))
        self.calls = 0


class MockRoom:
    """Stands where the wire to a control room stands. Safe to share between threads."""

    agent_id = "mk-00000001"

    def __init__(self, *, limit: int | None, mode: str, clock: MockClock, seed: int, forbidden_tools: frozenset[str]) -> None:
        self.clock = clock
        self.random = random.Random(seed)
        self.book = Book(_UNLIMITED if limit is None else limit)
        self.mode = mode
        self.forbidden_tools = forbidden_tools
        self.events: list[Event] = []
        self.calls: list[Call] = []
        self.refusals: list[IronCageError] = []
        self.scopes: dict[str, Scope] = {}
        self.progress: dict[str, Any] | None = None
        self.checkpoint: str | None = None
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.safety = Safety(self._tell_findings)
        self.services = ServiceDesk(clock, self.new_id, self._tell_service)
        self.lock = RLock()

    def new_id(self, length: int = 16) -> str:
        return "".join(self.random.choice("0123456789abcdef") for _ in range(length))

    def tell_event(self, name: str, message: str, severity: str = "INFO", **payload: Any) -> None:
        self.events.append(Event(name, self.clock.now_ms, message, severity, payload))

    def _tell_service(self, name: str, severity: str, message: str, payload: dict[str, Any]) -> None:
        self.tell_event(name, message, severity, **payload)

    def _tell_findings(self, found: list[Finding], message: str, severity: str) -> None:
        self.tell_event("safety.recorded", message, severity, records=list(found))

    # What a wire does

    def ask(self, command: str, input: Mapping[str, Any], *, timeout: float = 0.0, is_repeatable: bool = False) -> dict[str, Any]:
        handler = getattr(self, f"_{command.replace('.', '_')}", None)
        if handler is None:
            raise NotImplementedError(f"MockRuntime does not know {command}; use a control room for what needs it.")
        # What cannot be said over the wire cannot be said here.
        given: dict[str, Any] = json.loads(json.dumps(input))
        with self.lock:
            self.asked.append((command, given))
            try:
                answer: dict[str, Any] = handler(given)
            except IronCageError as problem:
                self.refusals.append(problem)
                raise
        return answer

    def tell(self, command: str, input: Mapping[str, Any]) -> bool:
        self.ask(command, input)
        return True

    def flush(self, timeout: float = 0.0) -> bool:
        return True

    def close(self, timeout: float = 0.0) -> None:
        pass

    # Scopes and money

    def _scope_open(self, given: dict[str, Any]) -> dict[str, Any]:
        outer = self._scope_of(given["within"]) if "within" in given else None
        scope_id = f"scope-{self.new_id(12)}"
        # The outermost block is the run itself, whose limit the book holds.
        limit = None if outer is None else to_nanodollars(given["budget"])
        self.scopes[scope_id] = Scope(scope_id, given["name"], limit, given.get("safetyMode"), outer)
        return {"scopeId": scope_id, "limit": limit}

    def _scope_of(self, scope_id: str) -> Scope:
        scope = self.scopes.get(scope_id)
        if scope is None:
            sentence = f"There is no open scope {scope_id} in this run: it was closed, or ended with its run."
            raise from_refusal({"code": "NOT_FOUND", "message": sentence})
        return scope

    def _scope_status(self, given: dict[str, Any]) -> dict[str, Any]:
        scope = self._scope_of(given["scopeId"])
        return {"scopeId": scope.scope_id, "limit": scope.limit, "spent": scope.spent, "reserved": scope.reserved, "calls": scope.calls}

    def _scope_close(self, given: dict[str, Any]) -> dict[str, Any]:
        answer = self._scope_status(given)
        closed = self.scopes[given["scopeId"]]
        for scope in [one for one in self.scopes.values() if closed in one.chain]:
            del self.scopes[scope.scope_id]
        return answer

    def reserve(self, amount: int, scope_id: str | None) -> Claim:
        """Money for a call; raises BudgetExceeded."""
        scope = self.scopes.get(scope_id or "")
        claim = self.book.enter(amount, () if scope is None else scope.chain)
        if claim.verdict == "held":
            return claim
        self.book.leave(claim)
        narrow = claim.too_narrow
        limit, spent = (self.book.limit, self.book.spent) if narrow is None or narrow.limit is None else (narrow.limit, narrow.spent)
        left = _formats.small_money(max(0, limit - spent))
        whole, most = _formats.small_money(limit), _formats.small_money(amount)
        of = f'Of the {whole} for "{narrow.name}"' if isinstance(narrow, Scope) else f"Of the budget of {whole}"
        message = f"{of}, {left} is left, and this call may cost up to {most}."
        if claim.verdict == "waiting":
            message += " Others hold the rest: a control room would let it wait for them; MockRuntime does not wait."
        if claim.verdict == "exhausted" and self.book.exhaust():
            self.tell_event("budget.exhausted", message, "ERROR", limit=limit, spent=spent, worstCase=amount)
        facts = {"limit": limit, "spent": spent, "requested": amount, "scope": narrow.scope_id if isinstance(narrow, Scope) else None}
        problem = from_refusal({"code": "BUDGET_EXCEEDED", "message": message, "details": facts})
        self.refusals.append(problem)
        raise problem

    def settle(self, claim: Claim, charged: int) -> None:
        is_crossed = self.book.settle(claim, charged)
        for purse in claim.purses:
            if isinstance(purse, Scope):
                purse.calls += 1
        self._warn_if(is_crossed)

    def raise_by(self, amount: int) -> None:
        before = self.book.limit
        is_crossed = self.book.raise_by(amount)
        told = f"The budget was raised from {_formats.small_money(before)} to {_formats.small_money(self.book.limit)}."
        self.tell_event("budget.raised", told, "INFO", **{"from": before, "to": self.book.limit})
        self._warn_if(is_crossed)

    def _warn_if(self, is_crossed: bool) -> None:
        if is_crossed:
            limit, spent = self.book.limit, self.book.spent
            told = f"{_formats.spent(spent, limit)} of {_formats.small_money(limit)} is spent ({_formats.percent(spent, limit)})."
            self.tell_event("budget.warned", told, "WARN", limit=limit, spent=spent)

    # Private data

    def mode_in(self, scope_id: str | None) -> str:
        scope = self.scopes.get(scope_id or "")
        return stricter(self.mode, None if scope is None else scope.mode) or "redact"

    def judge(self, value: Any, direction: str, place: str) -> Judged:
        from iron_cage import _context

        return self.safety.judge(value, direction, place, self.mode_in(_context.current_scope()))

    def _output_check(self, given: dict[str, Any]) -> dict[str, Any]:
        place = given.get("place", "output")
        judged = self.judge(given["value"], "tools", place if place == "output" else f"output.{place}")
        return {"value": judged.value, "isBlocked": judged.blocked is not None, "types": judged.types, "reason": judged.blocked}

    # What agents tell

    def _agent_progress(self, given: dict[str, Any]) -> dict[str, Any]:
        self.progress = given
        self.services.unit = given["unit"]
        self.tell_event("agent.progressed", _formats.work(given["done"], given["total"], given["unit"]), progress=given)
        return {}

    def _agent_log(self, given: dict[str, Any]) -> dict[str, Any]:
        for line in given["lines"]:
            self.tell_event("log.written", line["message"], line["level"], fields=line.get("fields", {}))
        return {}

    def _agent_raise(self, given: dict[str, Any]) -> dict[str, Any]:
        self.tell_event("agent.raised", f"{given['type']}: {given['message']}", "ERROR", raised=given)
        return {}

    def _tool_begin(self, given: dict[str, Any]) -> dict[str, Any]:
        name, reason, judged = given["name"], None, None
        if name in self.forbidden_tools:
            reason = f"The rules of the run do not allow the tool {name}."
        else:
            judged = self.judge(given["input"], "tools", "tool.input")
            reason = judged.blocked
        told = f"The tool {name} is used." if reason is None else f"The tool {name} was refused. {reason}"
        input = None if judged is None else judged.value
        payload = {"toolCallId": given["toolCallId"], "tool": name, "isAllowed": reason is None, "input": input}
        self.tell_event("tool.began", told, "INFO" if reason is None else "WARN", **payload)
        return {"isAllowed": reason is None, "reason": reason, "input": input if reason is None else None}

    def _tool_end(self, given: dict[str, Any]) -> dict[str, Any]:
        judged = self.judge(given["output"], "tools", "tool.output")
        is_ok, error = given["isOk"], given.get("error")
        how = "has answered" if is_ok else f"has failed ({error})"
        payload = {"toolCallId": given["toolCallId"], "tool": given["name"], "isOk": is_ok, "output": judged.value, "error": error}
        self.tell_event("tool.ended", f"The tool {given['name']} {how}.", "INFO" if is_ok else "WARN", **payload)
        if judged.blocked is not None:
            raise from_refusal({"code": "FORBIDDEN", "message": judged.blocked})
        return {"output": judged.value}

    def _checkpoint_save(self, given: dict[str, Any]) -> dict[str, Any]:
        self.checkpoint = json.dumps(given["document"])
        size = len(self.checkpoint.encode())
        self.tell_event("agent.checkpointSaved", f"A checkpoint of {size} bytes was saved.", "DEBUG", bytes=size)
        return {"savedAt": self.clock.now_ms, "bytes": size}

    def _checkpoint_load(self, given: dict[str, Any]) -> dict[str, Any]:
        if self.checkpoint is None:
            return {"document": None, "savedAt": None}
        return {"document": json.loads(self.checkpoint), "savedAt": self.clock.now_ms}

    # Services

    def _service_declare(self, given: dict[str, Any]) -> dict[str, Any]:
        self.services.declare(given["service"], given)
        return {}

    def _service_begin(self, given: dict[str, Any]) -> dict[str, Any]:
        return self.services.begin(given["service"], given.get("endpoint", ""), given.get("key"))

    def _service_end(self, given: dict[str, Any]) -> dict[str, Any]:
        return self.services.end(given)

    def _service_served(self, given: dict[str, Any]) -> dict[str, Any]:
        self.services.served(given["callId"], given["tier"])
        return {}

    def _destination_report(self, given: dict[str, Any]) -> dict[str, Any]:
        return {}
