"""What an agent knew when it was ended, for when it starts again."""

from __future__ import annotations

from iron_cage._exact import packed, unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeVar

    from iron_cage._runtime import AgentRuntime

    T = TypeVar("T")

_MISSING = object()


class Checkpoint:
    """One JSON document. It is on disk when `save` comes back, and outlives a SIGKILL of the agent and of the room.

        done = runtime.checkpoint.load(default=[])
        runtime.checkpoint.save([*done, lead])

    A process that the room did not start is a new agent each time, and finds nothing of the one before.
    """

    def __init__(self, runtime: AgentRuntime) -> None:
        self._runtime = runtime
        self._kept: Any = _MISSING

    def save(self, document: Any) -> None:
        """Keeps the document in place of the last one."""
        answer = self._runtime._ask("checkpoint.save", {"document": packed(document)}, is_repeatable=True)
        if answer is None:
            # Unprotected: it lasts as long as the block.
            self._kept = document

    def load(self, default: Any = None) -> Any:
        """The document that was saved last; `default` where there is none."""
        answer = self._runtime._ask("checkpoint.load", {}, is_repeatable=True)
        if answer is None:
            return default if self._kept is _MISSING else self._kept
        return default if answer["savedAt"] is None else unpacked(answer["document"])

    def each(self, items: Iterable[T], *, key: Callable[[T], str] = str) -> Iterator[T]:
        """The items that are not done yet; one is done when the next is asked for, and that is kept before it goes on.

            for lead in runtime.checkpoint.each(leads, key=lambda lead: lead.email):
                qualify(lead)

        A process that is killed in the midst of an item finds this very item again. All keys are kept together: it is for some
        ten thousand items, not for millions.
        """
        kept = self.load(default={})
        done: dict[str, bool] = dict.fromkeys(kept.get("done", ()) if isinstance(kept, dict) else (), True)
        for item in items:
            name = key(item)
            if name in done:
                continue
            yield item
            done[name] = True
            self.save({"done": list(done)})
