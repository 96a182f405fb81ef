"""Iron Cage for Python: budgets, private data, failing services and checkpoints of an agent, in a line.

    from iron_cage import protect_agent

    @protect_agent(budget=5.0)
    def qualify(lead: str) -> str:
        ...
"""

from __future__ import annotations

__version__ = "0.1.0"
