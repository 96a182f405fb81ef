"""Tools of CrewAI, called by a model's own tool calls or by what it writes."""

from __future__ import annotations

from inspect import isawaitable

from . import part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any


def patch(module: ModuleType) -> None:
    """`crewai.tools.base_tool` and `crewai.tools.structured_tool`"""
    if module.__name__.endswith("structured_tool"):
        _put(module.CrewStructuredTool, "invoke", _invoked)
        return
    for tool in (module.BaseTool, module.Tool):
        _put(tool, "run", _run)
        _put(tool, "arun", _arun)


def _put(tool: Any, name: str, make: Callable[[Any], Any]) -> None:
    plain = tool.__dict__.get(name)
    if plain is None or getattr(plain, "iron_cage", False):
        return
    ours = make(plain)
    for detail in ("__doc__", "__module__", "__name__", "__qualname__", "__annotations__"):
        setattr(ours, detail, getattr(plain, detail, None))
    ours.__wrapped__ = plain
    ours.iron_cage = True
    setattr(tool, name, ours)


def _run(plain: Any) -> Any:
    def run(self: Any, *args: Any, **options: Any) -> Any:
        use, args, options = _begin(self, args, options)
        if use is None:
            return plain(self, *args, **options)
        with part("_tools").telling(self.name):
            try:
                output = plain(self, *args, **options)
            except BaseException as problem:
                use.failed(problem)
                raise
        return use.done(output)

    return run


def _arun(plain: Any) -> Any:
    async def arun(self: Any, *args: Any, **options: Any) -> Any:
        use, args, options = _begin(self, args, options)
        if use is None:
            return await plain(self, *args, **options)
        with part("_tools").telling(self.name):
            try:
                output = await plain(self, *args, **options)
            except BaseException as problem:
                use.failed(problem)
                raise
        return use.done(output)

    return arun


def _invoked(plain: Any) -> Any:
    def invoke(self: Any, input: Any, *args: Any, **options: Any) -> Any:
        given = input if isinstance(input, dict) else {"input": input}
        use, _, after = _begin(self, (), given)
        if use is None:
            return plain(self, input, *args, **options)
        with part("_tools").telling(self.name):
            try:
                output = plain(self, after if isinstance(input, dict) else after.get("input", input), *args, **options)
            except BaseException as problem:
                use.failed(problem)
                raise
        return output if isawaitable(output) else use.done(output)

    return invoke


def _begin(tool: Any, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    tools = part("_tools")
    if tools.speaker() is None:
        return None, args, options
    from iron_cage._runtime import plain_json

    fields = list(getattr(getattr(tool, "args_schema", None), "model_fields", ()))
    names = [fields[number] if number < len(fields) else str(number) for number in range(len(args))]
    before = plain_json({**dict(zip(names, args, strict=True)), **options})
    use, after = tools.begin(tool.name, before)
    if after == before or not isinstance(after, dict):
        return use, args, options
    changed = {name: value for name, value in after.items() if name in before and value != before[name]}
    return (
        use,
        tuple(changed.get(name, value) for name, value in zip(names, args, strict=True)),
        {name: changed.get(name, value) for name, value in options.items()},
    )
