"""The fixtures of the plugin, which pytest finds by itself only where the package is installed."""

from __future__ import annotations

from iron_cage.testing.pytest_plugin import (
    budget_nearly_spent,
    iron_cage_clock,
    mock_runtime,
    model_down,
    pii_in_answer,
    rate_limited_service,
    recovering_service,
    service_down,
)

__all__ = [
    "budget_nearly_spent",
    "iron_cage_clock",
    "mock_runtime",
    "model_down",
    "pii_in_answer",
    "rate_limited_service",
    "recovering_service",
    "service_down",
]
