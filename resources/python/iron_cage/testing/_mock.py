"""A control room in memory, for tests."""

from __future__ import annotations

import os
from typing import cast

from iron_cage._link import NANODOLLARS, Link
from iron_cage._runtime import DEFAULT_BUDGET, AgentRuntime, current_runtime, to_nanodollars
from iron_cage._threads import carry
from iron_cage.testing import _intercept
from iron_cage.testing._clock import MockClock
from iron_cage.testing._exchange import Exchange, place_of
from iron_cage.testing._model import FakeModel
from iron_cage.testing._room import MockRoom

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import ModuleType
    from typing import Any, Literal

    from iron_cage._runtime import Budget
    from iron_cage._tiers import CircuitBreaker
    from iron_cage._wire import Wire
    from iron_cage.errors import IronCageError
    from iron_cage.testing._budget import Claim
    from iron_cage.testing._events import Call, Event, Finding
    from iron_cage.testing._exchange import Streamed
    from iron_cage.testing._model import Response
    from iron_cage.testing.responses import Answer

_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")


class Reservation:
    """Money that is held for something; made by `MockRuntime.reserve`."""

    def __init__(self, room: MockRoom, claim: Claim) -> None:
        self._room = room
        self._claim = claim

    @property
    def amount(self) -> float:
        return self._claim.amount / NANODOLLARS

    def settle(self, cost: float) -> None:
        """It has cost as much, and the rest is given back."""
        charged = _nanodollars(cost)
        if charged > self._claim.amount:
            raise ValueError(f"cost was {cost!r}; {self.amount} dollars were reserved, and nothing costs more than that.")
        with self._room.lock:
            self._room.settle(self._claim, charged)

    def release(self) -> None:
        """It has cost nothing."""
        with self._room.lock:
            self._room.book.leave(self._claim)


class _MockLink(Link):
    def __init__(self, room: MockRoom) -> None:
        super().__init__(cast("Wire", room), room.agent_id)
        self._room = room

    def sleep(self, seconds: float) -> None:
        with self._room.lock:
            self._room.clock.advance(seconds)

    async def sleep_async(self, seconds: float) -> None:
        import asyncio

        self.sleep(seconds)
        await asyncio.sleep(0)


class MockRuntime(AgentRuntime):
    """An AgentRuntime without a control room: the same rules, in memory. It starts nothing, asks nobody, and its time stands still
    but for the pauses between the attempts of a service, which are over at once.

        with MockRuntime(budget=1.00) as runtime:
            runtime.llm(["Acme is worth a call."], model="gpt-4")
            assert qualify("Acme") == "Acme is worth a call."
        assert runtime.calls[0].cost < 0.10

    Within the block `@protect_agent`, `AgentRuntime`, `iron_cage.service`, `iron_cage.tool` and IronCageChain work against it, and so
    do the clients of OpenAI and Anthropic. What happened is in `events`, `calls`, `findings` and `refusals`, also after the block.

    Known are email addresses, American phone numbers, SSNs and ITINs; tokens are counted as four characters each; a call is bounded by
    the usual prices of its model.
    """

    def __init__(
        self,
        budget: Budget = DEFAULT_BUDGET,
        *,
        name: str | None = None,
        pii_detection: bool | Literal["redact", "block", "warn"] = True,
        circuit_breaker: bool | CircuitBreaker = True,
        clock: MockClock | None = None,
        seed: int = 0,
        forbidden_tools: Iterable[str] = (),
    ) -> None:
        super().__init__(budget, name=name or "mock", pii_detection=pii_detection, circuit_breaker=circuit_breaker)
        self.clock = clock or MockClock()
        self.room = MockRoom(
            limit=self._budget,
            mode=self._safety_mode or "redact",
            clock=self.clock,
            seed=seed,
            forbidden_tools=frozenset(forbidden_tools),
        )
        self._models: list[FakeModel] = []
        self._keys: list[str] = []
        self._stop_listening: Any = None
        self._is_intercepting = False

    def __repr__(self) -> str:
        limit = "no limit" if self.limit is None else f"{self.spent:g} of {self.limit:g} dollars spent"
        return f"<MockRuntime {self.name!r}, {limit}, {'open' if self._is_open else 'closed'}>"

    # The block

    def _open(self, outer: AgentRuntime | None) -> None:
        if self._is_open:
            raise RuntimeError(f"{self!r} is open already; every block needs a MockRuntime of its own.")
        # It stands for a whole run, wherever it is opened.
        self._outer = None
        self._link = _MockLink(self.room)
        self._pid = os.getpid()
        self._scope = self._open_scope(self._link, None)
        self._is_open = True
        carry()
        self._stop_listening = self.clock.listen(self.room.services.tick)
        self._keys = [name for name in _KEYS if name not in os.environ]
        for name in self._keys:
            os.environ[name] = "a-key-for-tests"
        self._intercept(is_loading=bool(self._models))

    async def _open_aside(self) -> None:
        self._open(None)

    def _close(self, problem: BaseException | None) -> IronCageError | None:
        if not self._is_open:
            return None
        if self._is_intercepting:
            self._is_intercepting = False
            _intercept.end()
        for name in self._keys:
            os.environ.pop(name, None)
        self._stop_listening()
        return super()._close(problem)

    def _intercept(self, *, is_loading: bool) -> None:
        if self._is_intercepting:
            _intercept.end()
        self._is_intercepting = True
        _intercept.begin(_serve_for, is_loading=is_loading)

    # What happened

    @property
    def events(self) -> list[Event]:
        """Everything that happened, in order."""
        return self.room.events

    @property
    def calls(self) -> list[Call]:
        """Calls to models, in the order in which they ended."""
        return self.room.calls

    @property
    def findings(self) -> list[Finding]:
        """Private data that was found."""
        return self.room.safety.findings

    @property
    def refusals(self) -> list[IronCageError]:
        """What was refused, whether the program has caught it or not."""
        return self.room.refusals

    def heard(self, name: str) -> list[Event]:
        """The events of one name: `budget.warned`, `service.opened`, `log.written`…"""
        return [event for event in self.room.events if event.name == name]

    def service_view(self, service: str, endpoint: str = "") -> dict[str, Any]:
        """How a service stands, as the room shows it: `["state"]`, `["blocked"]`, `["formatted"]["viaFallback"]`…"""
        with self.room.lock:
            return self.room.services.view(service, endpoint)

    # Money

    @property
    def spent(self) -> float:
        return self.room.book.spent / NANODOLLARS

    @property
    def limit(self) -> float | None:
        return None if self._budget is None else self.room.book.limit / NANODOLLARS

    def reserve(self, amount: float) -> Reservation:
        """Holds as many dollars for something that a test plays itself; raises BudgetExceeded where they are not there."""
        from iron_cage import _context

        with self.room.lock:
            return Reservation(self.room, self.room.reserve(_nanodollars(amount), _context.current_scope()))

    def spend(self, amount: float) -> None:
        """As if something had cost as much."""
        self.reserve(amount).settle(amount)

    def raise_budget(self, by: float) -> None:
        """As if somebody had approved an increase."""
        with self.room.lock:
            self.room.raise_by(_nanodollars(by))

    # Services

    def open_breaker(self, service: str, endpoint: str = "") -> None:
        """As if the service had failed often enough."""
        with self.room.lock:
            self.room.services.force_open(service, endpoint)

    def close_breaker(self, service: str, endpoint: str = "") -> None:
        """As if somebody had closed it by hand."""
        with self.room.lock:
            self.room.services.reset(service, endpoint)

    # Models

    def llm(
        self,
        responses: Sequence[Response] = (),
        *,
        model: str | None = None,
        prices: Mapping[str, tuple[float, float]] | None = None,
    ) -> FakeModel:
        """A model that gives these responses in turn. With `model` it answers calls to that one alone; the one made last comes first.

        `prices` are dollars for a million tokens in, and out; without them those of the control room hold, for the models it lists here.
        """
        made = FakeModel(self.room, responses, model or "gpt-4", model is None, dict(prices or {}))
        self._models.append(made)
        if self._is_open:
            self._intercept(is_loading=True)
        return made

    def transport(self, library: ModuleType) -> Any:
        """For a client of one's own: `httpx.Client(transport=runtime.transport(httpx))`, or an AsyncClient."""
        return _intercept.transport(library, self._serve)

    def _serve(self, url: str, body: Any) -> Answer | Streamed:
        provider, endpoint = place_of(url)
        asked = str(body.get("model", ""))
        for model in reversed(self._models):
            if model.is_for_all or model.model == asked:
                break
        else:
            model = FakeModel(self.room, (), asked, True, {})
        return Exchange(self.room, model, provider, endpoint, body).answer()


def current_mock() -> MockRuntime | None:
    """The MockRuntime that this code runs in, in whichever block of it."""
    runtime = current_runtime()
    while runtime is not None and not isinstance(runtime, MockRuntime):
        runtime = runtime._outer
    return runtime


def _serve_for() -> Any:
    mock = current_mock()
    return None if mock is None else mock._serve


def _nanodollars(amount: float) -> int:
    return 0 if amount == 0 else to_nanodollars(amount) or 0
