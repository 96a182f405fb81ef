"""What type checkers see: functions stay what they were."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import PYTHON

USE = """
from collections.abc import AsyncIterator, Iterator
from typing_extensions import assert_type
from iron_cage import AgentRuntime, CircuitBreaker, cached, current_runtime, placeholder, protect_agent, service, tool


@protect_agent(budget=50.0, pii_detection="block", circuit_breaker=CircuitBreaker(failures=3))
def plain(lead: str, *, times: int = 1) -> int: ...

@protect_agent
async def coroutine(lead: str) -> int: ...

@protect_agent
def generator(count: int) -> Iterator[str]: ...

@protect_agent(budget="$5")
async def async_generator(count: int) -> AsyncIterator[str]:
    yield ""

class Worker:
    @protect_agent(budget=1)
    def method(self, lead: str) -> bytes: ...

@service("linkedin", fallback=[cached(), placeholder({})], attempts=3, backoff=0.5)
def profile(person: str) -> dict[str, str]: ...

@tool("send_mail")
def send_mail(to: str) -> None: ...

assert_type(plain("a", times=2), int)
assert_type(Worker().method("a"), bytes)
assert_type(profile("ada"), dict[str, str])
assert_type([one for one in generator(1)], list[str])

async def main() -> None:
    assert_type(await coroutine("a"), int)
    assert_type([one async for one in async_generator(1)], list[str])
    async with AgentRuntime(budget=None, when_missing="unprotected", environment="staging") as runtime:
        assert_type(runtime, AgentRuntime)
        runtime.progress(1, 2, unit="lead", latency=[0.5])
    assert_type(current_runtime(), AgentRuntime | None)

plain(1)  # type: ignore[arg-type]
plain("a", 2)  # type: ignore[call-arg]
profile(1)  # type: ignore[arg-type]
send_mail(1)  # type: ignore[arg-type]
protect_agent(budget=1, when_missing="never")  # type: ignore[call-overload]
"""


def test_functions_keep_their_types(tmp_path: Path) -> None:
    if find_spec("mypy") is None:
        pytest.skip("mypy is not installed here")
    use = tmp_path / "use.py"
    use.write_text(USE)
    flags = ["--strict", "--python-version", "3.10", "--disable-error-code", "empty-body", "--cache-dir", str(tmp_path / "cache")]
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\n[mypy-iron_cage._hooks.*]\nignore_errors = True\nignore_missing_imports = True\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(config), *flags, str(use)],
        cwd=PYTHON,
        env={"MYPYPATH": str(PYTHON), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
