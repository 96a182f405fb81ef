"""Tools of LangChain and LangGraph, whoever calls them: a chain, an agent, a node of a graph."""

from __future__ import annotations

from . import part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def patch(module: ModuleType) -> None:
    """`langchain_core.tools.base`"""
    tool = module.BaseTool
    if getattr(tool.run, "iron_cage", False):
        return
    tools = part("_tools")
    run_plain, arun_plain = tool.run, tool.arun

    def run(self: Any, tool_input: Any, *args: Any, **options: Any) -> Any:
        use, tool_input = _begin(tools, self, tool_input)
        if use is None:
            return run_plain(self, tool_input, *args, **options)
        with tools.telling(self.name):
            try:
                output = run_plain(self, tool_input, *args, **options)
            except BaseException as problem:
                use.failed(problem)
                raise
        return _done(use, output)

    async def arun(self: Any, tool_input: Any, *args: Any, **options: Any) -> Any:
        use, tool_input = _begin(tools, self, tool_input)
        if use is None:
            return await arun_plain(self, tool_input, *args, **options)
        with tools.telling(self.name):
            try:
                output = await arun_plain(self, tool_input, *args, **options)
            except BaseException as problem:
                use.failed(problem)
                raise
        return _done(use, output)

    _put(tool, run_plain, run)
    _put(tool, arun_plain, arun)


def _put(tool: Any, plain: Any, ours: Any) -> None:
    for name in ("__doc__", "__module__", "__name__", "__qualname__", "__annotations__"):
        setattr(ours, name, getattr(plain, name, None))
    ours.__wrapped__ = plain
    ours.iron_cage = True
    setattr(tool, plain.__name__, ours)


def _begin(tools: Any, tool: Any, given: Any) -> tuple[Any, Any]:
    if tools.speaker() is None:
        return None, given
    from iron_cage._runtime import plain_json

    # What the framework puts in by itself (its state, its store) is no argument of the model's.
    filtered = getattr(tool, "_filter_injected_args", None)
    shown = filtered(given) if filtered is not None and isinstance(given, dict) else given
    before = plain_json(shown)
    use, after = tools.begin(tool.name, before)
    if after == before:
        return use, given
    if isinstance(given, dict) and isinstance(after, dict):
        return use, {**given, **{name: value for name, value in after.items() if name in before and value != before[name]}}
    return use, after


def _done(use: Any, output: Any) -> Any:
    """Of a message, its content is looked at; what steers a graph goes on as it is."""
    if type(output).__name__ == "Command":
        use.done(None)
        return output
    content = getattr(output, "content", None)
    if content is None or not hasattr(output, "model_copy"):
        return use.done(output)
    if getattr(output, "status", None) == "error":
        use.failed_with(content)
        return output
    after = use.done(content)
    return output if after is content else output.model_copy(update={"content": after})
