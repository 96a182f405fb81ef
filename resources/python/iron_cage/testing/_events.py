"""What a MockRuntime writes down."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@dataclass(frozen=True)
class Event:
    """Something that happened, in the words of the control room: `budget.warned`, `service.opened`, `safety.recorded`…"""

    name: str
    #: Milliseconds since 1970, by the clock of the runtime.
    at: int
    message: str
    severity: str = "INFO"
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """Private data that was found; never itself."""

    type: str
    #: `to-model`, `from-model`, or `tools`.
    direction: str
    #: `messages[0].content`, `output`, `tool.input.to`…
    place: str
    #: `redacted`, `blocked`, or `warned`.
    action: str
    #: `CRITICAL`, or `WARN`.
    severity: str


@dataclass(frozen=True)
class Call:
    """A call to a model."""

    provider: str
    model: str
    #: `chat/completions`, `messages`…
    endpoint: str
    #: What was asked, as the model saw it: without private data, where the rules say so.
    request: Mapping[str, Any]
    #: What came back, as the program saw it.
    text: str
    #: `answered`, `refused` by us, or `failed`.
    outcome: str
    status: int
    input_tokens: int
    output_tokens: int
    #: In dollars.
    cost: float
    #: The innermost block that it was made in.
    scope: str | None
    reason: str = ""
