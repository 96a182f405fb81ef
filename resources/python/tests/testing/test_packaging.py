"""The package as people install it: built, looked into, and installed into an environment of its own; nothing is fetched."""

from __future__ import annotations

import email
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import PYTHON

pytestmark = pytest.mark.skipif(
    find_spec("build") is None or find_spec("hatchling") is None, reason="build and hatchling are not installed here"
)

PROGRAM = """
from collections.abc import Iterator
from iron_cage import AgentRuntime, BudgetExceeded, cached, placeholder, protect_agent
from iron_cage.testing import (
    Backend, Failure, MockClock, MockRuntime, PIISample, ToolCall, assert_budget_exceeded, assert_circuit_open, assert_pii_detected,
    pii_samples, responses,
)


@protect_agent(budget=0.50)
def qualify(lead: str) -> str:
    return lead.upper()


def run(clock: MockClock) -> list[str]:
    backend = Backend([{"name": "ada"}, ConnectionError()])
    with MockRuntime(budget="$1.00", clock=clock, seed=7, pii_detection="block", forbidden_tools=["rm"]) as runtime:
        outer: AgentRuntime = runtime
        model = runtime.llm(["yes", Failure(429, retry_after=30), ToolCall("look_up", {"lead": "acme"}), lambda request: str(request)])

        @runtime.service("linkedin", fallback=[cached(max_age=60), placeholder({})])
        def profile(person: str) -> dict[str, str]:
            found: dict[str, str] = backend(person)
            return found

        with assert_budget_exceeded(limit=1.00) as caught:
            runtime.reserve(2.00).settle(1.00)
        assert isinstance(caught.error, BudgetExceeded)
        assert_circuit_open(runtime, "linkedin")
        assert_pii_detected(runtime, "email")
        answer: str = model(qualify("acme"), max_tokens=10)
        spent: float = outer.spent
        names: list[str] = [event.name for event in runtime.events]
        cost: float = runtime.calls[0].cost + spent
    return [*names, answer, profile("ada")["name"], str(cost), *pieces(), *texts()]


def pieces() -> Iterator[str]:
    yield from (str(one["choices"]) for one in responses.openai_chat_stream("hello", pieces=2))


def texts() -> list[str]:
    samples: list[PIISample] = list(pii_samples(3, seed=1, types=("email", "ssn")))
    return [sample.text for sample in samples]
"""

WRONG = """
from iron_cage.testing import MockRuntime, pii_samples
MockRuntime(budget=[])
MockRuntime(pii_detection="never")
list(pii_samples(1, types=("card",)))
MockRuntime().llm(7)
MockRuntime().spent = 3.0
"""

USES_THE_PLUGIN = """
def test_fixtures_are_there(mock_runtime, iron_cage_clock, budget_nearly_spent, service_down, rate_limited_service, pii_in_answer):
    assert mock_runtime.limit == 1.0
"""


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(
        [str(one) for one in command],
        cwd=folder,
        env={**known, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        stdin=subprocess.DEVNULL,
    )


def succeed(*command: str | Path, folder: Path, **environment: str) -> str:
    done = run(*command, folder=folder, **environment)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the sdist. They are made from a copy: nothing is left beside the sources."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(PYTHON, folder / "source", ignore=shutil.ignore_patterns("__pycache__", ".*", "dist"))
    # As a test run may have left them.
    (folder / "source" / "iron_cage" / "__pycache__").mkdir()
    (folder / "source" / "iron_cage" / "__pycache__" / "left.cpython-311.pyc").touch()
    succeed(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", folder / "source", folder=folder)
    return folder / "dist"


@pytest.fixture(scope="module")
def installed(built: Path) -> Path:
    """The Python of an environment that has the wheel and nothing else."""
    folder = built.parent
    python = folder / "venv" / "bin" / "python"
    # Our own pip can install into it, where there is one, and need not be unpacked there first.
    has_pip = find_spec("pip") is not None
    succeed(sys.executable, "-m", "venv", *(["--without-pip"] if has_pip else []), folder / "venv", folder=folder)
    pip = [sys.executable, "-m", "pip", "--python", python] if has_pip else [python, "-m", "pip"]
    (wheel,) = built.glob("*.whl")
    succeed(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, folder=folder)
    return python


def test_the_wheel_has_what_is_needed_and_no_more(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.name.startswith("iron_cage-") and wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        metadata = file.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert {"iron_cage/py.typed", "iron_cage/testing/policy_cases.json", "iron_cage/testing/prices.json"} <= set(names)
    assert all(name.startswith(("iron_cage/", "iron_cage-")) for name in names)
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc") or "/tests/" in name]
    ours = {path.relative_to(PYTHON).as_posix() for path in (PYTHON / "iron_cage").rglob("*.py")}
    assert ours <= set(names)
    extras = {line.partition(": ")[2] for line in metadata.splitlines() if line.startswith("Provides-Extra")}
    assert {"langchain", "openai", "anthropic", "crewai", "testing", "all"} <= extras
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    assert all("extra ==" in line for line in required), "The core needs nothing."


def test_its_metadata_says_what_it_is(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        metadata = email.message_from_bytes(file.read(next(name for name in file.namelist() if name.endswith("METADATA"))))
        tag = email.message_from_bytes(file.read(next(name for name in file.namelist() if name.endswith("dist-info/WHEEL"))))
    # One product, one version: a room of another one would say so on the bridge.
    version = json.loads((PYTHON.parents[1] / "package.json").read_text(encoding="utf-8"))["version"]
    assert (metadata["Name"], metadata["Version"]) == ("iron_cage", version)
    assert (metadata["Requires-Python"], metadata["Description-Content-Type"]) == (">=3.10", "text/markdown")
    assert "Typing :: Typed" in (metadata.get_all("Classifier") or [])
    assert (PYTHON / "README.md").read_text(encoding="utf-8").splitlines()[0] in str(metadata.get_payload())
    assert (tag["Tag"], tag["Root-Is-Purelib"]) == ("py3-none-any", "true")


def test_the_sdist_is_the_package_without_its_tests(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as file:
        names = [name.partition("/")[2] for name in file.getnames()]
    assert {"pyproject.toml", "README.md", "iron_cage/__init__.py", "iron_cage/testing/policy_cases.json"} <= set(names)
    assert not [name for name in names if name.startswith(("tests", "requirements", "bootstrap")) or "__pycache__" in name]


def test_it_is_imported_where_nothing_else_is_installed(installed: Path) -> None:
    look = (
        "import iron_cage, iron_cage.testing as t; print(iron_cage.__file__, iron_cage.__version__, len(t.policy_cases()['breakers']) > 10)"
    )
    said = succeed(installed, "-I", "-c", look, folder=installed.parents[1])
    assert "site-packages" in said and said.endswith("True\n")
    use = "from iron_cage.testing import MockRuntime\nwith MockRuntime(budget=1) as runtime:\n"
    use += "    print(runtime.llm(['yes'])('x', max_tokens=9), runtime.calls[0].cost > 0)"
    assert succeed(installed, "-I", "-c", use, folder=installed.parents[1]) == "yes True\n"


def test_pytest_finds_the_fixtures_by_itself(installed: Path) -> None:
    look = "from importlib.metadata import entry_points; print([one.value for one in entry_points(group='pytest11')])"
    assert succeed(installed, "-I", "-c", look, folder=installed.parents[1]) == "['iron_cage.testing.pytest_plugin']\n"
    folder = installed.parents[1] / "use"
    folder.mkdir()
    (folder / "test_use.py").write_text(USES_THE_PLUGIN)
    (packages,) = (installed.parents[1] / "lib").glob("python3*/site-packages")
    succeed(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_use.py", folder=folder, PYTHONPATH=str(packages))


def test_programs_that_use_it_are_type_checked(installed: Path) -> None:
    if find_spec("mypy") is None:
        pytest.skip("mypy is not installed here")
    folder = installed.parents[1]
    (folder / "program.py").write_text(PROGRAM)
    (folder / "wrong.py").write_text(WRONG)
    mypy = (sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "mypy"), "--python-executable", str(installed))
    succeed(*mypy, "program.py", folder=folder)
    said = run(*mypy, "wrong.py", folder=folder).stdout
    assert said.count("error:") == len(WRONG.strip().splitlines()) - 1, said
