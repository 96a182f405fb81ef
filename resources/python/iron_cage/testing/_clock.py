"""A clock that stands still until somebody moves it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: 2026-11-21 14:23:45 UTC, in milliseconds.
START_MS = 1_795_271_025_000


class MockClock:
    """Time goes by when `advance` is called, and never by itself.

    clock.advance(60.0)
    assert clock.elapsed == 60.0
    """

    def __init__(self, start_ms: int = START_MS) -> None:
        self._start_ms = start_ms
        self.now_ms = start_ms
        self._listeners: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"<MockClock, {self.elapsed:g} s after its start>"

    def time(self) -> float:
        """Seconds since 1970, as `time.time()` says it."""
        return self.now_ms / 1000

    @property
    def elapsed(self) -> float:
        """Seconds since it was made."""
        return (self.now_ms - self._start_ms) / 1000

    def advance(self, seconds: float) -> None:
        """Lets time go by; what falls due meanwhile has happened when it comes back."""
        if not seconds >= 0:
            raise ValueError(f"seconds was {seconds!r}; a MockClock only goes forward.")
        self.now_ms += round(seconds * 1000)
        for listener in list(self._listeners):
            listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls it each time that time has gone by; gives what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
