"""The control room's own agents, from Python: start a script, look at it, stop it."""

from __future__ import annotations

import os

from iron_cage._link import _room, dollars
from iron_cage._runtime import to_nanodollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from iron_cage._room import Room
    from iron_cage._runtime import Budget, Environment, WhenMissing


class Runtime:
    """Starts scripts under the supervision of the control room.

        runtime = Runtime(budget=50.0)
        agent_id = runtime.start_agent("lead_gen_agent.py")
        print(runtime.get_metrics(agent_id)["formatted"]["spent"])
        runtime.stop_agent(agent_id)

    `budget` is what each agent gets that is started without one of its own. A room that was started for this ends with the process.
    """

    def __init__(self, budget: Budget = None, *, environment: Environment | None = None, when_missing: WhenMissing = "start") -> None:
        if when_missing not in ("start", "fail"):
            raise ValueError(f"when_missing was {when_missing!r}; expected 'start' or 'fail': agents do not run without a control room.")
        self._budget = to_nanodollars(budget)
        self._environment = environment
        self._when_missing = when_missing
        self._room: Room | None = None

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        if self._room is None:
            self._room = _room(self._when_missing)
        return self._room.request(method, path, body)

    def start_agent(
        self,
        script: str | os.PathLike[str],
        *,
        args: Sequence[str] = (),
        budget: Budget = None,
        config: str | os.PathLike[str] | None = None,
        environment: Environment | None = None,
        **settings: Any,
    ) -> str:
        """Starts a script and gives its id, such as `lg-7a3f9c2d`. Further settings are those of `POST /api/agents`."""
        limit = self._budget if budget is None else to_nanodollars(budget)
        asked = {
            "script": os.path.abspath(script),
            "args": list(args) or None,
            "budget": None if limit is None else dollars(limit),
            "config": None if config is None else os.path.abspath(config),
            "environment": environment or self._environment,
            **settings,
        }
        agent = self._request("POST", "/agents", {name: value for name, value in asked.items() if value is not None})
        agent_id: str = agent["id"]
        return agent_id

    def stop_agent(self, agent_id: str) -> None:
        """Stops an agent and everything that it started; comes back when nothing of it is left."""
        self._request("POST", f"/agents/{agent_id}/stop", {})

    def get_status(self, agent_id: str) -> dict[str, Any]:
        """How an agent is: `["status"]` is `running`, `stopped`, `crashed`, `over-budget`…"""
        status: dict[str, Any] = self._request("GET", f"/agents/{agent_id}/status")
        return status

    def get_metrics(self, agent_id: str) -> dict[str, Any]:
        """What an agent uses and has spent; `["formatted"]` has it as people read it: `$5.29`, `10.6%`."""
        metrics: dict[str, Any] = self._request("GET", f"/agents/{agent_id}/metrics")
        return metrics

    def list_agents(self) -> list[dict[str, Any]]:
        """Every agent, newest first."""
        agents: list[dict[str, Any]] = self._request("GET", "/agents")["agents"]
        return agents
