"""For tests of agents: MockRuntime and what belongs to it. Nothing in here starts a process, opens a socket or reads the clock.

from iron_cage.testing import MockRuntime, assert_budget_exceeded

with MockRuntime(budget=1.00) as runtime:
    runtime.llm(["Acme is worth a call."], model="gpt-4")
    assert qualify("Acme") == "Acme is worth a call."
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from iron_cage.testing import responses as responses
from iron_cage.testing import samples as samples
from iron_cage.testing._assertions import assert_budget_exceeded, assert_circuit_open, assert_pii_detected
from iron_cage.testing._backend import Backend, ServiceDown
from iron_cage.testing._clock import MockClock
from iron_cage.testing._events import Call, Event, Finding
from iron_cage.testing._exchange import Failure, Reply
from iron_cage.testing._mock import MockRuntime, Reservation
from iron_cage.testing._model import FakeModel, ProviderError
from iron_cage.testing._private import find_private, redact
from iron_cage.testing.responses import ToolCall
from iron_cage.testing.samples import PIISample, false_alarms, pii_samples

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "Backend",
    "Call",
    "Event",
    "Failure",
    "FakeModel",
    "Finding",
    "MockClock",
    "MockRuntime",
    "PIISample",
    "ProviderError",
    "Reply",
    "Reservation",
    "Scenario",
    "ServiceDown",
    "ToolCall",
    "assert_budget_exceeded",
    "assert_circuit_open",
    "assert_pii_detected",
    "false_alarms",
    "find_private",
    "pii_samples",
    "policy_cases",
    "redact",
    "responses",
    "samples",
]


@dataclass(frozen=True)
class Scenario:
    """An open MockRuntime, and a service that fails in it."""

    runtime: MockRuntime
    backend: Backend


def policy_cases() -> dict[str, Any]:
    """The cases that hold for the control room and for MockRuntime alike."""
    cases: dict[str, Any] = json.loads(Path(__file__).with_name("policy_cases.json").read_text(encoding="utf-8"))
    return cases
