"""What a chain may spend and has spent, over all of its calls, and what private data it met."""

from __future__ import annotations

import weakref
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from iron_cage._large import check_texts
from iron_cage._link import NANODOLLARS, Link, dollars
from iron_cage._runtime import AgentRuntime, to_nanodollars
from iron_cage.errors import BudgetExceeded, IronCageError, PIIBlocked
from iron_cage.langchain._texts import mapped

_Place = tuple[Link, str | None]
_Outer = Callable[[], AgentRuntime | None]

# Scopes of chains that nobody has any more. They are not closed where that is noticed: it may be in the midst of a call to the room.
_abandoned: deque[_Scopes] = deque()


class _Scopes:
    """A scope lives as long as the chain, within whatever block the chain is used."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        #: Each with the block around it, if any.
        self.open: dict[_Place, tuple[str, _Outer | None]] = {}
        self.spent: dict[str, int] = {}
        #: By those that are over.
        self.settled = 0
        self.lock = Lock()

    def total(self) -> int:
        return self.settled + sum(self.spent.copy().values())

    def drop_ended(self) -> None:
        """A scope ends with the block around it."""
        for place, (scope, outer) in list(self.open.items()):
            around = None if outer is None else outer()
            if outer is not None and (around is None or not around._is_open):
                del self.open[place]
                self.settled += self.spent.pop(scope, 0)

    def close(self) -> None:
        with self.lock:
            open_now, self.open = self.open, {}
        for (link, _), (scope, _) in open_now.items():
            spent = self.spent.pop(scope, 0)
            try:
                spent = link.wire.ask("scope.close", {"scopeId": scope}, timeout=5.0)["spent"]
            except IronCageError:
                # It has ended with its run, or with the block around it.
                pass
            self.settled += spent


class Account:
    def __init__(self, name: str, budget: Any, pii_detection: Any, options: dict[str, Any]) -> None:
        self.name = name
        self.pii_detection = pii_detection
        self._budget = budget
        self._options = options
        self._scopes = _Scopes(to_nanodollars(budget))
        self._findings: Counter[str] = Counter()
        self._last = 0
        # What is wrong with the options is told where the chain is made.
        self.block()
        weakref.finalize(self, _abandoned.append, self._scopes).atexit = False

    def block(self) -> Block:
        return Block(self)

    def close(self) -> None:
        self._scopes.close()

    @property
    def limit(self) -> float | None:
        return None if self._scopes.limit is None else self._scopes.limit / NANODOLLARS

    @property
    def spent(self) -> float:
        return self._scopes.total() / NANODOLLARS

    @property
    def cost(self) -> float:
        return self._last / NANODOLLARS

    @property
    def findings(self) -> dict[str, int]:
        return dict(self._findings)

    def enter(self, block: Block, link: Link, outer: AgentRuntime | None) -> str:
        while _abandoned:
            _abandoned.popleft().close()
        scopes = self._scopes
        within = None if outer is None else outer._scope
        with scopes.lock:
            known = scopes.open.get((link, within))
            if known is not None and self._is_alive(link, known[0]):
                return known[0]
            scopes.drop_ended()
            spent = scopes.total()
            left = None if scopes.limit is None else scopes.limit - spent
            if left is not None and left <= 0:
                raise BudgetExceeded(self.limit, spent / NANODOLLARS, None)
            asked: dict[str, Any] = {"name": self.name, "budget": None if left is None else dollars(left)}
            if block._safety_mode is not None:
                asked["safetyMode"] = block._safety_mode
            if within is not None:
                asked["within"] = within
            scope: str = link.wire.ask("scope.open", asked)["scopeId"]
            scopes.open[link, within] = scope, None if outer is None else weakref.ref(outer)
            scopes.spent[scope] = 0
            return scope

    def _is_alive(self, link: Link, scope: str) -> bool:
        try:
            self.refresh(link, scope)
        except IronCageError as problem:
            if problem.code == "NOT_FOUND":
                return False
            raise
        return True

    def refresh(self, link: Link, scope: str) -> int:
        spent: int = link.wire.ask("scope.status", {"scopeId": scope}, is_repeatable=True)["spent"]
        self._scopes.spent[scope] = spent
        return spent

    def ended(self, spent: int) -> None:
        self._last = spent

    # Private data

    def checked(self, block: AgentRuntime, value: Any, place: str) -> Any:
        """The same value where there is nothing to be changed in it."""
        if self.pii_detection is False or not block.is_protected:
            return value
        texts: list[str] = []

        def collect(text: str) -> str:
            texts.append(text)
            return text

        mapped(value, collect)
        allowed = check_texts(block._ask, texts, place, self._hear)
        if allowed == texts:
            return value
        following = iter(allowed)
        return mapped(value, lambda _: next(following))

    def _hear(self, types: Iterable[str]) -> None:
        types = list(types)
        self._findings.update(types)
        if self.pii_detection == "block":
            raise PIIBlocked(types)


class Block(AgentRuntime):
    """One call of a chain. Its scope is the chain's, and stays when the call is over."""

    def __init__(self, account: Account) -> None:
        super().__init__(account._budget, name=account.name, pii_detection=account.pii_detection, **account._options)
        self._account = account
        self._before = 0
        # The next call comes soon: the process stays attached until then.
        self._is_kept = True

    def _open_scope(self, link: Link, outer: AgentRuntime | None) -> str:
        scope = self._account.enter(self, link, outer)
        self._before = self._account._scopes.spent[scope]
        return scope

    def _leave_scope(self, link: Link, scope: str) -> int:
        # Of this call; what others of the chain have spent meanwhile is among it.
        spent = self._account.refresh(link, scope) - self._before
        self._account.ended(spent)
        return spent

    @contextmanager
    def active(self) -> Iterator[None]:
        """For a step of a generator: between two of them the code of whoever asks runs, which is not the chain's."""
        self._activate()
        try:
            yield
        finally:
            self._deactivate()
