"""The tests that the guide shows pass, in a pytest of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import PYTHON

WRITTEN = re.findall(r"^```python\n(.*?)^```", (PYTHON / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
EXAMPLES = [example for example in WRITTEN if "iron_cage.testing" in example]
PASSED = [5, 3]


def test_there_are_as_many_as_are_run() -> None:
    assert len(EXAMPLES) == len(PASSED)


@pytest.mark.parametrize("number", range(len(PASSED)))
def test_they_pass(tmp_path: Path, number: int) -> None:
    if "from openai" in EXAMPLES[number] and find_spec("openai") is None:
        pytest.skip("openai is not installed here")
    (tmp_path / "test_example.py").write_text(EXAMPLES[number])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "iron_cage.testing.pytest_plugin", "test_example.py"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(PYTHON), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert f"{PASSED[number]} passed" in done.stdout, done.stdout + done.stderr
