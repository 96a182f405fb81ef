"""A block under protection: with a budget of its own, and with the room at hand."""

from __future__ import annotations

import os
import sys

from iron_cage import _context
from iron_cage._exact import BEYOND, restored
from iron_cage._link import NANODOLLARS, Asked, Link, dollars, find_link
from iron_cage._threads import carry
from iron_cage.errors import IronCageError, RuntimeUnavailable, from_exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextvars import Token
    from types import TracebackType
    from typing import Any, Literal, TypeVar, overload

    from iron_cage._checkpoint import Checkpoint
    from iron_cage._services import Key, Service
    from iron_cage._tiers import CircuitBreaker, Tier
    from iron_cage._tools import Tool

    F = TypeVar("F", bound=Callable[..., Any])
    Self = TypeVar("Self", bound="AgentRuntime")
    WhenMissing = Literal["start", "fail", "unprotected"]
    Environment = Literal["development", "staging", "production"]
    Provider = Literal["auto", "simulated", "live"]
    Budget = float | str | None

DEFAULT_BUDGET = 100.0
_LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
_LONGEST_TEXT = 10_000


class AgentRuntime:
    """Protects what runs inside.

        with AgentRuntime(budget=5.0, name="qualify leads") as runtime:
            for number, lead in enumerate(leads, 1):
                qualify(lead)
                runtime.progress(number, len(leads), unit="lead")

    In a process that the control room started, the block gets a budget of its own within that of the run. Anywhere else the
    process is attached to the control room that runs; where none does, `when_missing` says what happens: `"start"` starts one
    without a screen and ends it with the process, `"fail"` raises RuntimeUnavailable, `"unprotected"` goes on with one warning.

    `budget` is in dollars; None has the limit of the run alone. `pii_detection` is True for the rules that hold anyway, False to
    have private data only noted down, or `"redact"`, `"block"`, `"warn"`; within a run rules only become stricter.
    """

    def __init__(
        self,
        budget: Budget = DEFAULT_BUDGET,
        *,
        name: str | None = None,
        pii_detection: bool | Literal["redact", "block", "warn"] = True,
        circuit_breaker: bool | CircuitBreaker = True,
        config: str | os.PathLike[str] | None = None,
        environment: Environment | None = None,
        provider: Provider | None = None,
        when_missing: WhenMissing = "start",
    ) -> None:
        if when_missing not in ("start", "fail", "unprotected"):
            raise ValueError(f"when_missing was {when_missing!r}; expected 'start', 'fail' or 'unprotected'.")
        self._budget = to_nanodollars(budget)
        self.name = name or _name_of_program()
        self._safety_mode = _safety_mode(pii_detection)
        self._breaker = circuit_breaker
        self._asked = Asked(
            self.name, self._budget, self._safety_mode, environment, provider, None if config is None else os.fspath(config)
        )
        self._when_missing = when_missing
        self._is_kept = False
        self._link: Link | None = None
        self._outer: AgentRuntime | None = None
        self._scope: str | None = None
        self._is_open = False
        self._pid = 0
        self._spent = 0
        self._tokens: list[tuple[Token[Any], Token[str | None]]] = []
        self._checkpoint: Checkpoint | None = None

    def __repr__(self) -> str:
        state = "open" if self._is_open else "closed"
        limit = "no limit of its own" if self._budget is None else f"${dollars(self._budget)}"
        return f"<AgentRuntime {self.name!r}, {limit}, {state}>"

    # The block

    def __enter__(self: Self) -> Self:
        self._open(current_runtime())
        self._activate()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._deactivate()
        ours = self._close(problem)
        if ours is not None:
            raise ours from problem

    async def __aenter__(self: Self) -> Self:
        outer = current_runtime()
        if outer is not None or "IRON_CAGE_RUN_TOKEN" in os.environ:
            self._open(outer)
        else:
            await self._open_aside()
        self._activate()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._deactivate()
        # Cancelled or not, it is closed before the task goes on; the room is on this machine and answers at once.
        ours = self._close(problem)
        if ours is not None:
            raise ours from problem

    async def _open_aside(self) -> None:
        """A room may have to be started, and the loop has other things to do meanwhile."""
        import asyncio

        opening = asyncio.get_running_loop().run_in_executor(None, self._open, None)
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            # It opens all the same; nobody is left to close it but us.
            opening.add_done_callback(lambda done: None if done.cancelled() or done.exception() else self._close(None))
            raise

    def _open(self, outer: AgentRuntime | None) -> None:
        if self._is_open:
            raise RuntimeError(f"{self!r} is open already; every block needs an AgentRuntime of its own.")
        if outer is not None and not outer._is_open:
            # Of a thread or a task that goes on after its block is over.
            outer = None
        self._outer = outer
        self._link = outer._link if outer is not None else find_link(self._asked, self._when_missing, self._is_kept)
        self._pid = os.getpid()
        self._spent = 0
        if self._link is not None:
            try:
                self._scope = self._open_scope(self._link, outer)
            except BaseException as problem:
                if outer is None:
                    self._link.leave(self._budget, 0, problem)
                raise
        self._is_open = True
        carry()

    def _open_scope(self, link: Link, outer: AgentRuntime | None) -> str:
        asked: dict[str, Any] = {"name": self.name, "budget": None if self._budget is None else dollars(self._budget)}
        if self._safety_mode is not None:
            asked["safetyMode"] = self._safety_mode
        if outer is not None and outer._scope is not None:
            asked["within"] = outer._scope
        scope: str = link.wire.ask("scope.open", asked)["scopeId"]
        return scope

    def _close(self, problem: BaseException | None) -> IronCageError | None:
        """Gives everything back; answers with what is to be raised in the problem's place."""
        if not self._is_open:
            return None
        self._is_open = False
        ours = _translated(problem)
        link, outer = self._link, self._outer
        if link is None or self._pid != os.getpid():
            return ours
        is_trouble = problem is not None and isinstance(problem, Exception)
        if is_trouble and outer is None:
            self._tell_exception(problem)
        try:
            if self._scope is not None:
                self._spent = self._leave_scope(link, self._scope)
        except IronCageError:
            # The run is over, or the room is: the scope has ended with it.
            pass
        finally:
            if outer is None:
                link.leave(self._budget, self._spent, ours or problem)
        return ours

    def _leave_scope(self, link: Link, scope: str) -> int:
        """What has been spent, in nanodollars."""
        spent: int = link.wire.ask("scope.close", {"scopeId": scope}, timeout=5.0)["spent"]
        return spent

    def _activate(self) -> None:
        self._tokens.append(_context.enter(self, self._scope))

    def _deactivate(self) -> None:
        if self._tokens:
            _context.leave(self._tokens.pop())

    def _tell_exception(self, problem: BaseException | None) -> None:
        if problem is not None:
            self._tell("agent.raise", error_told(problem, self.name))

    # What a block can say and ask

    def _ask(self, command: str, input: Mapping[str, Any], *, is_repeatable: bool = False) -> dict[str, Any] | None:
        """None where nobody is there to answer, for the block runs unprotected."""
        if not self._is_open:
            raise RuntimeError(f"{self!r} is not open; use it inside of its block.")
        return None if self._link is None else self._link.wire.ask(command, input, is_repeatable=is_repeatable)

    def _tell(self, command: str, input: Mapping[str, Any]) -> None:
        if self._link is not None:
            self._link.wire.tell(command, input)

    @property
    def is_protected(self) -> bool:
        """Whether a control room watches; False in a block that runs unprotected."""
        return self._is_open and self._link is not None

    @property
    def agent_id(self) -> str:
        """What the room calls the run, such as `lg-7a3f9c2d`; empty in a block that runs unprotected."""
        return "" if self._link is None else self._link.agent_id

    @property
    def spent(self) -> float:
        """What calls of this block have cost by now, in dollars."""
        if self._is_open and self._scope is not None:
            status = self._ask("scope.status", {"scopeId": self._scope}, is_repeatable=True)
            self._spent = status["spent"] if status else 0
        return self._spent / NANODOLLARS

    @property
    def limit(self) -> float | None:
        """The block's own budget in dollars."""
        return None if self._budget is None else self._budget / NANODOLLARS

    def progress(
        self,
        done: int,
        total: int | None = None,
        *,
        unit: str = "unit",
        failed: int = 0,
        latency: float | Sequence[float] | None = None,
        step: str | None = None,
    ) -> None:
        """Tells how far the work is. `unit` is in the singular; `latency` is how many seconds the last unit took, or the last units;
        `step` is what it is at, in a few words, and holds until another one is told, or "" for none.

        runtime.progress(23, 100, unit="lead", latency=1.9)
        """
        told: dict[str, Any] = {"done": done, "total": total, "unit": unit, "failed": failed}
        if latency is not None:
            told["latencyMs"] = _millis(latency) if isinstance(latency, int | float) else [_millis(one) for one in latency][-1000:]
        if step is not None:
            told["step"] = step[:120] or None
        self._tell("agent.progress", told)

    def log(self, message: str, *, level: str = "INFO", **fields: object) -> None:
        """Writes a line to the log of the room; values of fields are JSON, or are written as text.

        runtime.log("the list is read", rows=100)
        """
        word = {"WARNING": "WARN", "CRITICAL": "ERROR"}.get(level.upper(), level.upper())
        if word not in _LEVELS:
            raise ValueError(f"level was {level!r}; expected one of {', '.join(_LEVELS)}.")
        plain = {name[:100]: plain_json(value) for name, value in fields.items()}
        self._tell("agent.log", {"lines": [{"level": word, "message": message[:_LONGEST_TEXT], "fields": plain}]})

    def check(self, value: Any, *, place: str = "output") -> Any:
        """Text or JSON as it may go out; raises PIIBlocked where it may not.

        send(runtime.check(mail))
        """
        try:
            answer = self._ask("output.check", {"place": place[:200], "value": value})
        except IronCageError as problem:
            if problem.code != "TOO_LARGE":
                raise
            from iron_cage._large import check_json

            return check_json(self._ask, plain_json(value), place[:200])
        if answer is None:
            return value
        if answer["isBlocked"]:
            from iron_cage.errors import PIIBlocked

            raise PIIBlocked(answer["types"], message=answer["reason"] or "")
        return restored(value, answer["value"])

    @property
    def checkpoint(self) -> Checkpoint:
        """One JSON document that outlives a crash of the agent; see Checkpoint."""
        if self._outer is not None:
            return self._outer.checkpoint
        if self._checkpoint is None:
            from iron_cage._checkpoint import Checkpoint

            self._checkpoint = Checkpoint(self)
        return self._checkpoint

    def service(
        self,
        name: str,
        *,
        endpoint: str = "",
        fallback: list[Tier | Callable[..., Any]] | tuple[Tier | Callable[..., Any], ...] = (),
        breaker: CircuitBreaker | None = None,
        hosts: list[str] | tuple[str, ...] = (),
        price: float | None = None,
        key: Key = None,
        is_failure: Callable[[BaseException], bool] | None = None,
        attempts: int = 1,
        backoff: float = 0.5,
    ) -> Service:
        """A service that may fail; a decorator, and a context manager.

        @runtime.service("linkedin", fallback=[cached(), placeholder({"headline": None})])
        def profile(person: str) -> dict:
            return requests.get(f"https://api.linkedin.com/{person}").json()

        with runtime.service("clearbit", key="acme.com", fallback=[placeholder({})]) as call:
            if call.may_ask:
                call.value = fetch("acme.com")
        print(call.value, call.tier)

        A decorated function is called up to `attempts` times while it fails: `backoff` seconds after the first, twice as long after each
        further one, 30 at most, and no sooner than the service asks for. Only then comes the fallback.
        """
        from iron_cage._services import Service
        from iron_cage._tiers import policy_for

        chosen = breaker if breaker is not None else policy_for(self._breaker)
        return Service(
            self,
            name,
            endpoint=endpoint,
            fallback=fallback,
            breaker=chosen,
            hosts=hosts,
            price=price,
            key=key,
            is_failure=is_failure,
            attempts=attempts,
            backoff=backoff,
        )

    if TYPE_CHECKING:

        @overload
        def tool(self, function: F, /) -> F: ...

        @overload
        def tool(self, name: str | None = None) -> Tool: ...

    def tool(self, name: Any = None) -> Any:
        """A tool whose use is told to the room, and which is not used where the rules forbid it. Without a name it has the function's.

        @runtime.tool
        def send_mail(to: str, body: str) -> None: ...
        """
        from iron_cage._tools import Tool

        return Tool(self)(name) if callable(name) else Tool(self, name)


def current_runtime() -> AgentRuntime | None:
    """The innermost block that this code runs in, also in threads, pools and tasks that were started there."""
    runtime: AgentRuntime | None = _context._runtime.get()
    while runtime is not None and not runtime._is_open:
        # A thread may go on after the block that it was started in.
        runtime = runtime._outer
    return runtime


def require_runtime() -> AgentRuntime:
    """The same, where there has to be one; raises RuntimeUnavailable outside of all blocks."""
    runtime = current_runtime()
    if runtime is None:
        raise RuntimeUnavailable("This is no protected block: use it within `with AgentRuntime(...)` or a function with @protect_agent.")
    return runtime


def to_nanodollars(budget: Budget) -> int | None:
    """50, 50.0, "50", "$50", "0.25" or "$1,000", as people write it."""
    if budget is None:
        return None
    text = budget.strip().removeprefix("$") if isinstance(budget, str) else f"{budget:.9f}"
    before, _, rest = text.partition(".")
    first, *groups = before.split(",")
    whole = first + "".join(groups)
    # Elsewhere a comma stands before the cents: what could mean either is asked for again.
    is_grouped = not groups or (1 <= len(first) <= 3 and all(len(group) == 3 for group in groups))
    is_amount = is_grouped and (whole + rest).isdecimal() and len(rest.rstrip("0")) <= 9 and int(whole + rest) > 0
    if isinstance(budget, bool) or not is_amount:
        raise ValueError(f"budget was {budget!r}; expected an amount of dollars above zero, such as 50.0 or '$50', or None.")
    return int(whole or "0") * NANODOLLARS + int(rest[:9].ljust(9, "0"))


def plain_json(value: object, depth: int = 0) -> Any:
    if isinstance(value, int) and abs(value) >= BEYOND:
        return hex(value)[:_LONGEST_TEXT]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if depth < 20 and isinstance(value, list | tuple):
        return [plain_json(item, depth + 1) for item in value]
    if depth < 20 and isinstance(value, dict):
        return {str(name): plain_json(item, depth + 1) for name, item in value.items()}
    return repr(value)[:_LONGEST_TEXT]


def error_told(problem: BaseException, place: str) -> dict[str, Any]:
    """An exception that somebody catches, as the room is told of it."""
    import traceback

    try:
        message = str(problem)
        text = "".join(traceback.format_exception(type(problem), problem, problem.__traceback__))
    except Exception as other:
        # Some cannot even say what they are.
        message, text = f"It could not be told: {type(other).__name__}.", ""
    kind = type(problem)
    return {
        "type": (kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}")[:200],
        "message": message[:_LONGEST_TEXT],
        "traceback": text[-100_000:],
        # Whoever does not catch it is reported where the program ends.
        "isHandled": True,
        "place": place[:200],
    }


def _millis(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def _translated(problem: BaseException | None) -> IronCageError | None:
    if problem is None or isinstance(problem, IronCageError) or not isinstance(problem, Exception):
        return None
    return from_exception(problem)


def _safety_mode(pii_detection: bool | str) -> str | None:
    if pii_detection is True:
        return None
    if pii_detection is False:
        return "warn"
    if pii_detection in ("redact", "block", "warn"):
        return pii_detection
    raise ValueError(f"pii_detection was {pii_detection!r}; expected True, False, 'redact', 'block' or 'warn'.")


def _name_of_program() -> str:
    return os.path.basename(sys.argv[0] if sys.argv and sys.argv[0] not in ("", "-c", "-m") else "") or "python"
