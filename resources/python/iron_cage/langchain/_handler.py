"""For people who keep their own chain: tells the room what it does."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler

from iron_cage._runtime import AgentRuntime, error_told
from iron_cage.langchain import _patched

_tools = _patched.tools()


class IronCageCallbackHandler(BaseCallbackHandler):
    """Tells the room of a chain's runs, models, errors and tools.

        with AgentRuntime(budget=5.0):
            chain.invoke("Acme", config={"callbacks": [IronCageCallbackHandler(unit="lead", total=100)]})

    With a `unit`, each run of the outermost chain is progress. Tools are not used where the rules forbid it; redacted are their
    arguments and results where they are LangChain's own. Outside of any protected block, and of a run of the room, nothing happens.
    """

    # A tool that is forbidden is not used.
    raise_error = True
    # The block around the call is known where the call is made.
    run_inline = True

    def __init__(self, *, runtime: AgentRuntime | None = None, unit: str | None = None, total: int | None = None) -> None:
        self._runtime = runtime
        self._unit = unit
        self._total = total
        #: How often each model was asked.
        self.models: Counter[str] = Counter()
        #: How many runs have ended well, and how many have not.
        self.done = 0
        self.failed = 0
        self._began: dict[UUID, float] = {}
        self._uses: dict[UUID, Any] = {}

    def _tell(self, command: str, given: dict[str, Any]) -> None:
        who = self._runtime if self._runtime is not None and self._runtime._is_open else _tools.speaker()
        if who is not None:
            who._tell(command, given)

    def _log(self, level: str, message: str, fields: dict[str, Any]) -> None:
        self._tell("agent.log", {"lines": [{"level": level, "message": message, "fields": fields}]})

    # Chains

    def on_chain_start(self, serialized: Any, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any) -> None:
        if parent_run_id is None:
            self._began[run_id] = time.monotonic()

    def on_chain_end(self, outputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any) -> None:
        if parent_run_id is None:
            self.done += 1
            self._progress(run_id)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any) -> None:
        if parent_run_id is not None:
            return
        self.failed += 1
        if isinstance(error, Exception):
            self._tell("agent.raise", error_told(error, str(kwargs.get("name") or "chain")))
        self._progress(run_id)

    def _progress(self, run_id: UUID) -> None:
        began = self._began.pop(run_id, None)
        if self._unit is None:
            return
        told: dict[str, Any] = {"done": self.done + self.failed, "total": self._total, "unit": self._unit, "failed": self.failed}
        if began is not None:
            told["latencyMs"] = round((time.monotonic() - began) * 1000)
        self._tell("agent.progress", told)

    # Models

    def on_chat_model_start(self, serialized: Any, messages: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self._asked(serialized, kwargs)

    def on_llm_start(self, serialized: Any, prompts: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self._asked(serialized, kwargs)

    def _asked(self, serialized: Any, known: dict[str, Any]) -> None:
        metadata, parameters = known.get("metadata") or {}, known.get("invocation_params") or {}
        name = metadata.get("ls_model_name") or parameters.get("model") or parameters.get("model_name") or known.get("name")
        model = str(name or (serialized or {}).get("name") or "a model")[:200]
        self.models[model] += 1
        fields = {"model": model, "tags": [str(tag)[:100] for tag in known.get("tags") or []][:20]}
        self._log("DEBUG", f"{model} is asked.", fields)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._log("WARN", f"A model has not answered: {type(error).__name__}: {error}"[:10_000], {})

    # Tools

    def on_tool_start(self, serialized: Any, input_str: str, *, run_id: UUID, inputs: Any = None, **kwargs: Any) -> None:
        name = str((serialized or {}).get("name") or "tool")
        if _tools.told.get() == name:
            # The tool itself has told of it.
            return
        use, _ = _tools.begin(name, inputs if inputs is not None else input_str)
        if use is not None:
            self._uses[run_id] = use

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        use = self._uses.pop(run_id, None)
        if use is not None:
            use.done(getattr(output, "content", output))

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        use = self._uses.pop(run_id, None)
        if use is not None:
            use.failed(error)
