"""Tools of LangChain tell the room of themselves in protected blocks, in processes without the room's hooks too."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from langchain_core.tools import base


def tools() -> Any:
    """The hooks' part about tools: of those that are in effect, where some are."""
    hooks = getattr(sys, "_iron_cage_hooks", None) or "iron_cage._hooks"
    import_module(f"{hooks}._langchain").patch(base)
    return import_module(f"{hooks}._tools")
