"""When a lead may begin: as the room's demo says, or else in a pace of the agent's own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from iron_cage import IronCageError

if TYPE_CHECKING:
    from iron_cage import AgentRuntime

LEADS_AN_HOUR = 212
#: As fast as it goes.
MAX = float("inf")
# Pauses at that speed are short, and still pauses.
_LARGEST_DIVISOR = 100.0
_SHORTEST_WAIT = 0.05


def speed_of(text: str) -> float:
    """`1`, `10` or `max`; raises ValueError for what is none."""
    if text == "max":
        return MAX
    speed = float(text)
    if not 0.1 <= speed <= 100:
        raise ValueError(text)
    return speed


class Pace:
    def __init__(self, runtime: AgentRuntime, own_speed: float) -> None:
        self._runtime = runtime
        self._speed = own_speed
        self._due: float | None = None

    @property
    def divisor(self) -> float:
        """What pauses of the agent's own are divided by."""
        return min(max(self._speed, 1.0), _LARGEST_DIVISOR)

    def wait_for(self, lead: int) -> None:
        while True:
            wait = self._asked(lead)
            if wait is None:
                self._wait_alone()
                return
            if wait == 0:
                return
            time.sleep(max(wait, _SHORTEST_WAIT))

    def _asked(self, lead: int) -> float | None:
        """Seconds; None where no demo of the room runs this agent."""
        try:
            # The SDK has no public way to ask what only the demo answers, and needs none: no other agent has a turn.
            answer = self._runtime._ask("demo.turn", {"lead": lead}, is_repeatable=True)
        except IronCageError:
            return None
        if answer is None:
            return None
        self._speed = speed_of(str(answer["speed"]))
        return float(answer["waitMs"]) / 1000

    def _wait_alone(self) -> None:
        """One each 16.98 s from the first one on. What is late by less than that is made up for."""
        if self._due is not None and time.monotonic() < self._due:
            time.sleep(self._due - time.monotonic())
        now = time.monotonic()
        apart = 3600 / LEADS_AN_HOUR / self._speed
        following = now if self._due is None else self._due + apart
        self._due = following if following > now else now + apart
