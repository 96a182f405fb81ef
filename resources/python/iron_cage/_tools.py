"""Tools that an agent uses: told before and after, and not used where the rules forbid it."""

from __future__ import annotations

import os
import time
from functools import update_wrapper

from iron_cage._exact import restored
from iron_cage._large import check_json, shortened
from iron_cage._runtime import AgentRuntime, current_runtime, plain_json
from iron_cage.errors import IronCageError, NotAllowed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    F = TypeVar("F", bound=Callable[..., Any])

_LONGEST_TEXT = 10_000


class Tool:
    """A decorator for functions and coroutine functions.

    Arguments and results are what the room lets through: redacted, where the rules say so.
    """

    def __init__(self, runtime: AgentRuntime | None, name: str | None = None) -> None:
        self._runtime = runtime
        self._name = name

    def __call__(self, function: F) -> F:
        from inspect import Parameter, iscoroutinefunction, signature

        name = self._name or function.__name__
        try:
            known = signature(function)
        except ValueError:
            known = None
        own = self._runtime

        def named(args: tuple[Any, ...], options: dict[str, Any]) -> dict[str, Any]:
            if known is None:
                return {**{str(number): value for number, value in enumerate(args)}, **options}
            bound = known.bind(*args, **options)
            found: dict[str, Any] = {}
            for key, value in bound.arguments.items():
                if known.parameters[key].kind is Parameter.VAR_KEYWORD:
                    found.update(value)
                else:
                    found[key] = value
            return found

        def changed(
            before: dict[str, Any], after: Any, args: tuple[Any, ...], options: dict[str, Any]
        ) -> tuple[tuple[Any, ...], dict[str, Any]]:
            """The call with those arguments that the room has changed."""
            if not isinstance(after, dict) or known is None:
                return args, options
            new = {key: after[key] for key, value in before.items() if key in after and plain_json(value) != after[key]}
            if not new:
                return args, options
            bound = known.bind(*args, **options)
            for key, value in new.items():
                if key not in known.parameters:
                    rest = next(key for key, one in known.parameters.items() if one.kind is Parameter.VAR_KEYWORD)
                    bound.arguments[rest] = {**bound.arguments[rest], key: value}
                elif known.parameters[key].kind is Parameter.VAR_POSITIONAL:
                    bound.arguments[key] = tuple(value)
                else:
                    bound.arguments[key] = value
            return bound.args, bound.kwargs

        if iscoroutinefunction(function):

            async def use_async(*args: Any, **options: Any) -> Any:
                use = _Use(own, name)
                before = named(args, options)
                args, options = changed(before, use.begin(before), args, options)
                try:
                    output = await function(*args, **options)
                except BaseException as problem:
                    use.failed(problem)
                    raise
                return use.done(output)

            update_wrapper(use_async, function)
            return use_async  # type: ignore[return-value]

        def use(*args: Any, **options: Any) -> Any:
            use = _Use(own, name)
            before = named(args, options)
            args, options = changed(before, use.begin(before), args, options)
            try:
                output = function(*args, **options)
            except BaseException as problem:
                use.failed(problem)
                raise
            return use.done(output)

        update_wrapper(use, function)
        return use  # type: ignore[return-value]


class _Use:
    def __init__(self, runtime: AgentRuntime | None, name: str) -> None:
        self._runtime = runtime if runtime is not None and runtime._is_open else current_runtime()
        self._name = name
        self._id = os.urandom(8).hex()
        self._began = time.monotonic()

    def begin(self, input: dict[str, Any]) -> Any:
        if self._runtime is None:
            return input
        told = plain_json(input)
        try:
            answer = self._runtime._ask("tool.begin", {"toolCallId": self._id, "name": self._name, "input": told})
            is_whole = True
        except IronCageError as problem:
            if problem.code != "TOO_LARGE":
                raise
            answer = self._runtime._ask("tool.begin", {"toolCallId": self._id, "name": self._name, "input": shortened(told)})
            is_whole = False
        if answer is None:
            return input
        if not answer["isAllowed"]:
            raise NotAllowed(answer["reason"] or f"The rules of the run do not allow the tool {self._name}.", details={"tool": self._name})
        return restored(told, answer["input"]) if is_whole else check_json(self._runtime._ask, told, "tool.input")

    def _end(self, is_ok: bool, output: Any, error: str | None) -> dict[str, Any]:
        latency = round((time.monotonic() - self._began) * 1000)
        return {"toolCallId": self._id, "name": self._name, "isOk": is_ok, "output": output, "error": error, "latencyMs": latency}

    def done(self, output: Any) -> Any:
        if self._runtime is None or not self._runtime.is_protected:
            return output
        told = plain_json(output)
        try:
            answer = self._runtime._ask("tool.end", self._end(True, told, None))
        except IronCageError as problem:
            if problem.code != "TOO_LARGE":
                raise
            answer = {"output": check_json(self._runtime._ask, told, "tool.output")}
            self._runtime._ask("tool.end", self._end(True, shortened(told), None))
        after = told if answer is None else restored(told, answer["output"])
        return output if after == told else after

    def failed(self, problem: BaseException) -> None:
        self.failed_with(f"{type(problem).__name__}: {problem}")

    def failed_with(self, error: object) -> None:
        if self._runtime is not None and self._runtime.is_protected:
            self._runtime._tell("tool.end", self._end(False, None, str(error)[:_LONGEST_TEXT]))


if TYPE_CHECKING:

    @overload
    def tool(function: F, /) -> F: ...

    @overload
    def tool(name: str | None = None) -> Tool: ...


def tool(name: Any = None) -> Any:
    """The same for functions of a module, in whatever block they are called; without a name it has the function's.

    @iron_cage.tool
    def send_mail(to: str, body: str) -> None: ...

    @iron_cage.tool("send_mail")
    def send(to: str, body: str) -> None: ...
    """
    return Tool(None)(name) if callable(name) else Tool(None, name)
