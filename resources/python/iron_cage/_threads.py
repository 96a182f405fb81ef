"""A runtime goes along into threads and thread pools; tasks of asyncio take it along by themselves."""

from __future__ import annotations

from contextvars import Context, copy_context

from iron_cage._context import _runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_is_done = False


def carry() -> None:
    """Called by whoever opens a runtime. Nothing changes for threads that are started outside of all runtimes."""
    global _is_done
    if _is_done:
        return
    _is_done = True
    import threading

    _carry_into_threads(threading)
    _carry_into_pools()


def _carry_into_threads(threading: ModuleType) -> None:
    start = threading.Thread.start

    def carried(self: Any) -> None:
        if _runtime.get() is not None and "run" not in vars(self):
            context, run = copy_context(), self.run

            def run_within() -> None:
                # Programs that look at it, or pickle it, find what they wrote.
                vars(self).pop("run", None)
                context.run(run)

            self.run = run_within
        start(self)

    carried.__wrapped__ = start  # type: ignore[attr-defined]
    carried.__name__ = "start"
    threading.Thread.start = carried


def _carry_into_pools() -> None:
    from concurrent.futures import ThreadPoolExecutor

    submit = ThreadPoolExecutor.submit

    def carried(self: Any, fn: Any, /, *args: Any, **options: Any) -> Any:
        if _runtime.get() is None:
            return submit(self, fn, *args, **options)
        # The pool's threads outlive us and serve others: only the task itself runs in here.
        return Context().run(submit, self, copy_context().run, fn, *args, **options)  # type: ignore[arg-type]

    carried.__wrapped__ = submit  # type: ignore[attr-defined]
    carried.__name__ = "submit"
    ThreadPoolExecutor.submit = carried  # type: ignore[method-assign]
