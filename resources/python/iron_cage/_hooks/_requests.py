"""requests stands on urllib3, where its calls are counted; here only the body of an answer is looked at, once it is read anyway."""

from __future__ import annotations

from ._run import reads_body
from ._urllib3 import PENDING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def patch(module: ModuleType) -> None:
    adapter = module.HTTPAdapter
    plain = adapter.send
    if getattr(plain, "iron_cage", False):
        return

    def send(self: Any, request: Any, stream: bool = False, *args: Any, **options: Any) -> Any:
        mark = reads_body.set(not stream)
        try:
            response = plain(self, request, stream, *args, **options)
        finally:
            reads_body.reset(mark)
        call = getattr(response.raw, PENDING, None)
        if call is not None:
            try:
                call.body(response.content)
            except Exception as problem:
                call.failed(problem)
                raise
        return response

    send.__doc__ = plain.__doc__
    send.__wrapped__ = plain  # type: ignore[attr-defined]
    send.iron_cage = True  # type: ignore[attr-defined]
    adapter.send = send
