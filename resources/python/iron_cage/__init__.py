"""Iron Cage for Python: budgets, private data, failing services and checkpoints of an agent, in a line.

from iron_cage import protect_agent

@protect_agent(budget=5.0)
def qualify(lead: str) -> str:
    ...
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iron_cage import errors as errors
    from iron_cage._checkpoint import Checkpoint as Checkpoint
    from iron_cage._context import current_scope as current_scope
    from iron_cage._control import Runtime as Runtime
    from iron_cage._protect import protect_agent as protect_agent
    from iron_cage._runtime import AgentRuntime as AgentRuntime
    from iron_cage._runtime import current_runtime as current_runtime
    from iron_cage._runtime import require_runtime as require_runtime
    from iron_cage._service_call import ServiceCall as ServiceCall
    from iron_cage._services import service as service
    from iron_cage._tiers import CircuitBreaker as CircuitBreaker
    from iron_cage._tiers import ServiceAnswer as ServiceAnswer
    from iron_cage._tiers import cached as cached
    from iron_cage._tiers import placeholder as placeholder
    from iron_cage._tools import tool as tool
    from iron_cage.errors import BudgetExceeded as BudgetExceeded
    from iron_cage.errors import CircuitOpen as CircuitOpen
    from iron_cage.errors import IronCageError as IronCageError
    from iron_cage.errors import NotAllowed as NotAllowed
    from iron_cage.errors import PIIBlocked as PIIBlocked
    from iron_cage.errors import Refused as Refused
    from iron_cage.errors import RuntimeUnavailable as RuntimeUnavailable
    from iron_cage.errors import refusals as refusals
    from iron_cage.langchain import IronCageCallbackHandler as IronCageCallbackHandler
    from iron_cage.langchain import IronCageChain as IronCageChain

# Loaded when they are asked for: an agent that only has the package installed does not wait for it.
_PLACES = {
    "AgentRuntime": "_runtime",
    "BudgetExceeded": "errors",
    "Checkpoint": "_checkpoint",
    "CircuitBreaker": "_tiers",
    "CircuitOpen": "errors",
    "IronCageCallbackHandler": "langchain",
    "IronCageChain": "langchain",
    "IronCageError": "errors",
    "NotAllowed": "errors",
    "PIIBlocked": "errors",
    "Refused": "errors",
    "Runtime": "_control",
    "RuntimeUnavailable": "errors",
    "ServiceAnswer": "_tiers",
    "ServiceCall": "_service_call",
    "cached": "_tiers",
    "current_runtime": "_runtime",
    "current_scope": "_context",
    "placeholder": "_tiers",
    "protect_agent": "_protect",
    "refusals": "errors",
    "require_runtime": "_runtime",
    "service": "_services",
    "tool": "_tools",
}

# Without those that need LangChain: `from iron_cage import *` works where it is not installed.
__all__ = [
    "AgentRuntime",
    "BudgetExceeded",
    "Checkpoint",
    "CircuitBreaker",
    "CircuitOpen",
    "IronCageError",
    "NotAllowed",
    "PIIBlocked",
    "Refused",
    "Runtime",
    "RuntimeUnavailable",
    "ServiceAnswer",
    "ServiceCall",
    "__version__",
    "cached",
    "current_runtime",
    "current_scope",
    "errors",
    "placeholder",
    "protect_agent",
    "refusals",
    "require_runtime",
    "service",
    "tool",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    place = _PLACES.get(name)
    if place is None:
        # `iron_cage.errors` needs no import of its own.
        if name == "errors":
            return import_module("iron_cage.errors")
        raise AttributeError(f"module 'iron_cage' has no attribute {name!r}")
    found = getattr(import_module(f"iron_cage.{place}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, *_PLACES})
