"""How a block reaches the room: over the run that it stands in already, or by attaching this process to a room."""

from __future__ import annotations

import atexit
import os
import sys
import time
from _thread import allocate_lock
from threading import Event, Thread, main_thread

from iron_cage import _wire
from iron_cage._room import Room, StartedRoom, data_folder, end_if_idle, find_room, start_room
from iron_cage.errors import IronCageError, RuntimeUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# How long a block has to end by itself when the room has stopped its run.
_REFUSAL_SECONDS = 0.5
NANODOLLARS = 1_000_000_000
# Lists that are added to, not replaced.
_ADDED = ("NO_PROXY", "no_proxy")


class Link:
    """A run of the room, and how to speak to it. Safe to share between threads."""

    def __init__(self, wire: _wire.Wire, agent_id: str | None) -> None:
        self.wire = wire
        self._agent_id = agent_id
        #: What has been declared of services, so that it is said once.
        self.declared: dict[str, object] = {}

    @property
    def agent_id(self) -> str:
        return self._agent_id or self.wire.agent_id or ""

    def sleep(self, seconds: float) -> None:
        """By the clock that the room's own go by."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)

    def leave(self, budget: int | None, spent: int, problem: BaseException | None) -> None:
        """The block is over; `spent` is in nanodollars, `problem` what it ends with."""


class _Attached(Link):
    """This process as an agent of a room that did not start it. Blocks of several threads share it."""

    def __init__(self, room: Room, answer: Mapping[str, Any], asked: Asked) -> None:
        token, environment = answer["runToken"], answer["environment"]
        super().__init__(_wire.Wire(environment["IRON_CAGE_BRIDGE"], token), answer["agent"]["id"])
        self.room = room
        self.asked = asked
        self.limit: int = answer["agent"]["plan"]["budget"]
        self.environment: dict[str, str] = environment
        self.before: dict[str, str | None] = {}
        self.users = 0
        self.spent = 0
        self.promised = 0
        self.is_kept = False
        self.problem: BaseException | None = None
        self.stop_reason: str | None = None
        #: Whether the program has heard by an exception of ours that it may not go on.
        self.is_told = False
        self.left = Event()
        self.pid = os.getpid()

    def is_same(self, asked: Asked) -> bool:
        return self.asked.key() == asked.key() and self.stop_reason is None

    def join(self, budget: int | None) -> None:
        """What others have spent and may spend is not this block's: the run's limit covers all of them."""
        self.users += 1
        self.left.clear()
        self.promised += budget or 0
        missing = self.spent + self.promised - self.limit
        if budget is not None and missing > 0:
            reason = "another protected block of the same process has begun"
            self.room.request("POST", f"/agents/{self.agent_id}/budget", {"by": missing, "reason": reason})
            self.limit += missing

    def leave(self, budget: int | None, spent: int, problem: BaseException | None) -> None:
        if self.pid != os.getpid():
            return
        with _home_lock:
            self.users -= 1
            self.promised -= budget or 0
            self.spent += spent
            if isinstance(problem, Exception):
                self.problem = problem
                self.is_told = self.is_told or isinstance(problem, IronCageError)
            if self.users == 0:
                self.left.set()
                self.restore()
                if not self.is_kept or self.stop_reason is not None:
                    self.detach()

    def detach(self) -> None:
        global _home
        if _home is self:
            _home = None
        # Of a function that is called again and again, only what ended the program was its end.
        problem = getattr(sys, "last_value", None) if self.is_kept else self.problem
        reason = f"{type(problem).__name__}: {problem}"[:500] if isinstance(problem, Exception) else None
        try:
            self.wire.ask("agent.detach", {"isOk": reason is None, "reason": reason}, timeout=5.0)
        except IronCageError:
            # It is over there already, or there is no room any more.
            pass
        self.wire.close()

    def adopt(self) -> None:
        """What programs read from their environment leads to the room, and so does what libraries call by themselves."""
        for name, value in self.environment.items():
            self.before[name] = os.environ.get(name)
            if name in _ADDED and self.before[name]:
                value = self.environment[name] = f"{self.before[name]},{value}"
            elif (name.endswith("_API_KEY") or name.startswith("CREWAI_")) and self.before[name]:
                # A key of its own is better than the one that stands for none; and what it says to a framework, it means.
                value = self.environment[name] = self.before[name] or ""
            os.environ[name] = value
        _begin_hooks()
        _renew_hooks()

    def restore(self) -> None:
        for name, before in self.before.items():
            if os.environ.get(name) != self.environment[name]:
                # The program has changed it itself meanwhile.
                continue
            if before is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = before
        self.before = {}
        _renew_hooks()

    def hear_stop(self) -> None:
        listener = _wire.Wire(self.wire.place, self.wire.token, sdk="iron_cage stop", on_stop=self._stop)
        Thread(target=listener.listen, name="iron-cage-stop", daemon=True).start()

    def _stop(self, reason: str) -> None:
        if self.pid != os.getpid():
            return
        self.stop_reason = reason or "Somebody stopped it in the control room."
        with _home_lock:
            if self.users == 0:
                # Nothing of it runs at this moment, and what the program does besides is its own business.
                self.detach()
                return
        # A call that was refused is an exception by now, which says more than an interruption does.
        if self.left.wait(_REFUSAL_SECONDS) and self.is_told:
            return
        self._interrupt()

    def _interrupt(self) -> None:
        """As if somebody had typed Ctrl-C: blocks end as they do at an exception, and what sleeps wakes up."""
        import signal

        print(f"iron_cage: the control room asked this process to end: {self.stop_reason}", file=sys.stderr, flush=True)
        main = main_thread()
        if signal.getsignal(signal.SIGINT) in (signal.SIG_DFL, signal.SIG_IGN, None) or main.ident is None:
            return
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(main.ident, signal.SIGINT)
        else:
            signal.raise_signal(signal.SIGINT)


class Asked:
    """What a block wants of a run of its own."""

    __slots__ = ("budget", "config", "environment", "name", "provider", "safety_mode")

    def __init__(
        self, name: str, budget: int | None, safety_mode: str | None, environment: str | None, provider: str | None, config: str | None
    ) -> None:
        self.name = name
        self.budget = budget
        self.safety_mode = safety_mode
        self.environment = environment
        self.provider = provider
        self.config = config

    def key(self) -> tuple[str | None, ...]:
        return self.safety_mode, self.environment, self.provider, self.config

    def body(self) -> dict[str, Any]:
        given = {
            "budget": None if self.budget is None else dollars(self.budget),
            "safetyMode": self.safety_mode,
            "environment": self.environment,
            "provider": self.provider,
            "config": None if self.config is None else os.path.abspath(self.config),
        }
        said = {name: value for name, value in given.items() if value is not None}
        return {"name": self.name, "pid": os.getpid(), "workingDirectory": os.getcwd(), **said}


def dollars(nanodollars: int) -> str:
    """As a decimal, to the nanodollar."""
    whole, rest = divmod(nanodollars, NANODOLLARS)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


_home: _Attached | None = None
_home_lock = allocate_lock()
_started: StartedRoom | None = None
_used: Room | None = None
_pid = os.getpid()


def find_link(asked: Asked, when_missing: str, is_kept: bool) -> Link | None:
    """The run that this process stands in, or one of its own; None where it is to go on without."""
    token, place = os.environ.get("IRON_CAGE_RUN_TOKEN"), os.environ.get("IRON_CAGE_BRIDGE")
    if token and place and (_home is None or token != _home.wire.token):
        _begin_hooks()
        return _inside(place, token)
    try:
        return _attach(asked, when_missing, is_kept)
    except RuntimeUnavailable as problem:
        if when_missing != "unprotected":
            raise
        _warn_once(problem)
        return None


_inside_links: dict[tuple[str, str], Link] = {}


def _inside(place: str, token: str) -> Link:
    link = _inside_links.get((place, token))
    if link is None:
        link = _inside_links[place, token] = Link(_wire.shared_with(place, token), os.environ.get("IRON_CAGE_AGENT_ID"))
    return link


def _attach(asked: Asked, when_missing: str, is_kept: bool) -> _Attached:
    global _home
    with _home_lock:
        if _home is not None and _home.users == 0 and not _home.is_same(asked):
            _home.detach()
        if _home is None:
            room = _room(when_missing)
            _home = _Attached(room, room.request("POST", "/agents/attach", asked.body()), asked)
            _home.hear_stop()
        elif not _home.is_same(asked):
            what = "safety, environment, provider or configuration"
            raise IronCageError(
                f"Two blocks of one process run at the same time and want different {what}; nest them, or give both the same."
            )
        home = _home
        try:
            home.join(asked.budget)
        except BaseException:
            home.users -= 1
            home.promised -= asked.budget or 0
            if home.users == 0:
                home.detach()
            raise
        home.is_kept = home.is_kept or is_kept
        if home.users == 1:
            home.adopt()
        return home


def _room(when_missing: str) -> Room:
    global _started, _used
    folder = data_folder()
    found = find_room(folder)
    if found is None and when_missing == "start":
        try:
            _started = start_room(folder)
            found = _started.room
        except RuntimeUnavailable:
            # Somebody else may have been quicker.
            found = find_room(folder)
            if found is None:
                raise
    if found is None:
        raise RuntimeUnavailable(
            "No control room is running: start one with `iron_cage serve`, or leave when_missing at 'start' to have one started."
        )
    _used = found
    return found


def _begin_hooks() -> None:
    """What libraries call by themselves goes through the room; a process that the room starts has had that from its first line on."""
    if getattr(sys, "_iron_cage_hooks", None) is None:
        from iron_cage import _hooks

        _hooks.begin(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _renew_hooks() -> None:
    """They read the environment once; this process has come into another run, or out of one."""
    hooks = sys.modules.get(getattr(sys, "_iron_cage_hooks", ""))
    if hooks is not None:
        hooks.renew()


def close_home() -> None:
    """Leaves the room, and ends it where it was started for us."""
    global _started, _used
    if _pid != os.getpid():
        return
    with _home_lock:
        if _home is not None:
            _home.restore()
            _home.detach()
    started, used = _started, _used
    _started = _used = None
    if started is not None:
        started.close()
    elif used is not None:
        end_if_idle(used)


_has_warned = False


def _warn_once(problem: RuntimeUnavailable) -> None:
    global _has_warned
    if _has_warned:
        return
    _has_warned = True
    import warnings

    ours, level, frame = os.path.dirname(__file__), 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(ours):
        frame, level = frame.f_back, level + 1
    warnings.warn(f"This process runs unprotected. {problem}", RuntimeWarning, stacklevel=level)


def _after_in_child() -> None:
    """The run is the parent's; a child stays in it, and ends nothing."""
    global _home_lock, _home, _started, _used, _pid
    _home_lock = allocate_lock()
    _pid = os.getpid()
    if _home is not None:
        # To the child it is the run that it was started in.
        _inside_links[_home.wire.place, _home.wire.token] = _home
    _home = _started = _used = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_in_child)
atexit.register(close_home)
