"""What stands between an unmodified agent and the network, where the control room has started it.

This file is all that is loaded at the start: it watches for names, and imports no library itself. A part is loaded when the agent
imports what it belongs to. Everything here falls back to the plain call, prints nothing and starts no thread.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_PARTS = {
    "http.client": "_http_client",
    "urllib3.connectionpool": "_urllib3",
    "requests.adapters": "_requests",
    "httpx": "_httpx",
    # What the OpenAI SDK is made with by now.
    "httpx2": "_httpx",
    "aiohttp.client": "_aiohttp",
    "langchain_core.tools.base": "_langchain",
    "crewai.tools.base_tool": "_crewai",
    "crewai.tools.structured_tool": "_crewai",
}
_VARIABLES = ("IRON_CAGE_BRIDGE", "IRON_CAGE_RUN_TOKEN", "IRON_CAGE_URL", "OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL")
_SDK = "iron_cage"

#: As the room has made it: programs change theirs, and load files into it.
environment: dict[str, str] = {}

_watched: dict[str, list[Callable[[ModuleType], None]]] = {}


class _Finder:
    """Finds nothing by itself, except the SDK where nobody else has it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in _watched and name != _SDK:
            return None
        spec = self._of_others(name, path, target)
        if name == _SDK:
            return spec or self._ours(name)
        if spec is not None and spec.loader is not None:
            _when_executed(spec.loader, name)
        return spec

    def _of_others(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        finders = list(sys.meta_path)
        # Those before us have been asked, or ask us just now.
        for finder in finders[finders.index(self) + 1 if self in finders else 0 :]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                return spec
        return None

    def _ours(self, name: str) -> ModuleSpec | None:
        from importlib.machinery import PathFinder

        return PathFinder.find_spec(name, [self.folder])

    def invalidate_caches(self) -> None:
        pass


def _when_executed(loader: Any, name: str) -> None:
    """The loader stays who it is, for others look at it; of most there is one for each module."""
    execute = getattr(loader, "exec_module", None)
    # Those of what is built in are classes, the same for all.
    if execute is None or isinstance(loader, type) or getattr(execute, "iron_cage", None) == name:
        return

    def exec_module(module: ModuleType) -> None:
        execute(module)
        if getattr(module.__spec__, "name", None) == name:
            _tell(name, module)

    exec_module.iron_cage = name  # type: ignore[attr-defined]
    try:
        loader.exec_module = exec_module
    except AttributeError:
        pass


def _tell(name: str, module: ModuleType) -> None:
    for callback in _watched.get(name, ()):
        try:
            callback(module)
        except Exception:
            # The library works as it does anywhere else.
            pass


def watch(name: str, callback: Callable[[ModuleType], None]) -> None:
    """Calls back with the module whenever it has been executed; at once where it has been by now."""
    _watched.setdefault(name, []).append(callback)
    module = sys.modules.get(name)
    if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
        try:
            callback(module)
        except Exception:
            pass


def part(name: str) -> Any:
    """A module of ours, by its short name."""
    from importlib import import_module

    return import_module(f"{__name__}.{name}")


def _audit(event: str, args: tuple[Any, ...]) -> None:
    """Called for everything that is audited, so it looks at two names and is done."""
    if event == "socket.connect":
        try:
            address = args[1]
            # A local socket is a path, not a pair.
            if type(address) is tuple and len(address) >= 2:
                part("_seen").connecting(args[0], address)
        except Exception:
            pass
    elif event == "sys.excepthook":
        try:
            part("_raised").uncaught(args[2], args[3])
        except Exception:
            pass


def _keep_names(module: ModuleType) -> None:
    """Of connections only addresses are told; the names are what people know."""
    resolve = module.getaddrinfo
    if getattr(resolve, "iron_cage", False):
        return

    def getaddrinfo(*args: Any, **options: Any) -> Any:
        found = resolve(*args, **options)
        try:
            part("_seen").resolved(args[0] if args else options.get("host"), found)
        except Exception:
            pass
        return found

    for name in ("__doc__", "__module__", "__qualname__", "__defaults__", "__kwdefaults__"):
        setattr(getaddrinfo, name, getattr(resolve, name, None))
    getaddrinfo.__wrapped__ = resolve  # type: ignore[attr-defined]
    getaddrinfo.iron_cage = True  # type: ignore[attr-defined]
    module.getaddrinfo = getaddrinfo  # type: ignore[attr-defined]


def _hear_threads(module: ModuleType) -> None:
    """A thread's last exception, whatever hook the agent has put in place."""
    make = getattr(module, "_make_invoke_excepthook", None)
    if make is None or getattr(make, "iron_cage", False):
        return

    def _make_invoke_excepthook() -> Callable[[Any], None]:
        invoke = make()

        def invoke_excepthook(thread: Any) -> None:
            try:
                part("_raised").in_thread(sys.exc_info()[1], thread.name)
            except Exception:
                pass
            invoke(thread)

        return invoke_excepthook

    _make_invoke_excepthook.iron_cage = True  # type: ignore[attr-defined]
    module._make_invoke_excepthook = _make_invoke_excepthook  # type: ignore[attr-defined]


def _hear_loops(module: ModuleType) -> None:
    loop = module.BaseEventLoop
    call = loop.call_exception_handler
    if getattr(call, "iron_cage", False):
        return

    def call_exception_handler(self: Any, context: dict[str, Any]) -> None:
        try:
            part("_raised").in_loop(context.get("exception"))
        except Exception:
            pass
        call(self, context)

    call_exception_handler.__doc__ = call.__doc__
    call_exception_handler.iron_cage = True  # type: ignore[attr-defined]
    loop.call_exception_handler = call_exception_handler


def _load(name: str) -> Callable[[ModuleType], None]:
    return lambda module: part(name).patch(module)


def renew() -> None:
    """The process has come into another run, or out of one: what was read of its environment is read again."""
    environment.clear()
    environment.update({name: os.environ[name] for name in _VARIABLES if name in os.environ})
    run, calls = sys.modules.get(f"{__name__}._run"), sys.modules.get(f"{__name__}._calls")
    if run is not None:
        run.run.read()
    if calls is not None:
        calls.forget_plan()


def begin(folder: str) -> None:
    """`folder` is where the room's own SDK lies. Once in a process, whoever asks for it."""
    if getattr(sys, "_iron_cage_hooks", None) is not None:
        return
    sys._iron_cage_hooks = __name__  # type: ignore[attr-defined]
    renew()
    sys.meta_path.insert(0, _Finder(folder))
    sys.addaudithook(_audit)
    watch("socket", _keep_names)
    watch("threading", _hear_threads)
    watch("asyncio.base_events", _hear_loops)
    for name, ours in _PARTS.items():
        watch(name, _load(ours))
