"""Programs that the room did not start."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PYTHON, TestRoom, room_environment

import iron_cage

pytestmark = pytest.mark.room

CALL = """
import json, os, urllib.request

def ask_model(text="hi", **more):
    body = {"model": "gpt-4", "messages": [{"role": "user", "content": text}], **more}
    address = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    request = urllib.request.Request(address, json.dumps(body).encode(), {"content-type": "application/json", "authorization": "Bearer x"})
    return json.load(urllib.request.urlopen(request))
"""


def test_a_block_attaches_and_leaves_with_everything_as_it_was(room: TestRoom) -> None:
    said = room.python(
        CALL
        + """
from iron_cage import AgentRuntime
before = dict(os.environ)
with AgentRuntime(budget=5, name="visitor") as runtime:
    ask_model()
    runtime.progress(1, 2, unit="lead")
    print(json.dumps([runtime.agent_id, runtime.spent]))
assert dict(os.environ) == before
""",
        NO_PROXY="example.com",
    )
    agent_id, spent = json.loads(said)
    (agent,) = room.agents("visitor")
    assert (agent["id"], agent["status"], agent["plan"]["budget"]) == (agent_id, "stopped", 5_000_000_000)
    metrics = room.request("GET", f"/agents/{agent_id}/metrics")
    assert spent > 0 and metrics["budget"]["spent"] == round(spent * 1e9)


def test_the_budget_is_held_and_told_as_an_exception(room: TestRoom) -> None:
    said = room.python(
        CALL
        + """
import iron_cage
try:
    with iron_cage.AgentRuntime(budget=0.01, name="poor"):
        while True:
            ask_model(max_tokens=100)
except iron_cage.BudgetExceeded as problem:
    print(type(problem.__cause__).__name__, problem)
"""
    )
    assert said.startswith("HTTPError The budget does not cover the call")
    (agent,) = room.agents("poor")
    assert agent["status"] in ("crashed", "over-budget")


def test_calls_of_a_protected_function_are_one_agent_with_a_budget_for_each_call(room: TestRoom) -> None:
    room.python(
        CALL
        + """
from iron_cage import protect_agent

@protect_agent(budget=0.05)
def qualify(lead):
    return ask_model(lead, max_tokens=500)

for number in range(8):
    qualify(str(number))
try:
    qualify(object())
except TypeError:
    pass
assert "IRON_CAGE_RUN_TOKEN" not in os.environ
"""
    )
    (agent,) = room.agents("qualify")
    assert agent["status"] == "stopped"
    assert room.request("GET", f"/agents/{agent['id']}/metrics")["budget"]["calls"] == 8


def test_blocks_of_several_threads_share_the_process(room: TestRoom) -> None:
    room.python(
        CALL
        + """
from concurrent.futures import ThreadPoolExecutor
from iron_cage import AgentRuntime

def work(number):
    with AgentRuntime(budget=0.05, name="pooled") as runtime:
        ask_model(max_tokens=100)
        return runtime.agent_id

with ThreadPoolExecutor(4) as pool:
    ids = list(pool.map(work, range(8)))
print(len(set(ids)))
"""
    )
    agents = room.agents("pooled")
    assert agents and all(agent["status"] == "stopped" for agent in agents)
    assert sum(room.request("GET", f"/agents/{agent['id']}/metrics")["budget"]["calls"] for agent in agents) == 8


def test_every_way_out_leaves_the_room(room: TestRoom) -> None:
    for name, way in {
        "raised": "raise KeyError(1)",
        "exited": "sys.exit(3)",
        "interrupted": "os.kill(os.getpid(), 2); time.sleep(9)",
    }.items():
        room.run_python(f"import os, sys, time\nfrom iron_cage import AgentRuntime\nwith AgentRuntime(name={name!r}):\n    {way}")
        (agent,) = room.agents(name)
        assert agent["status"] == ("crashed" if name == "raised" else "stopped"), (name, agent)


def test_a_stop_in_the_room_ends_the_program_as_ctrl_c_does(room: TestRoom) -> None:
    code = """
import time
from iron_cage import AgentRuntime
try:
    with AgentRuntime(name="stoppable"):
        print("open", flush=True)
        time.sleep(60)
finally:
    print("cleaned up", flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], env=room.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        assert child.stdout.readline() == "open\n"
        (agent,) = room.agents("stoppable")
        room.request("POST", f"/agents/{agent['id']}/stop", {})
        assert child.stdout.read() == "cleaned up\n"
        assert "asked this process to end" in child.stderr.read()
        assert child.wait(20) in (1, 130, -signal.SIGINT)
    (agent,) = room.agents("stoppable")
    assert agent["status"] == "stopped"


def test_an_async_block(room: TestRoom) -> None:
    room.python(
        CALL
        + """
import asyncio
from iron_cage import AgentRuntime

async def main():
    async with AgentRuntime(budget=1, name="loop") as runtime:
        await asyncio.to_thread(ask_model, max_tokens=10)
        assert runtime.spent > 0

asyncio.run(main())
"""
    )
    assert room.agents("loop")[0]["status"] == "stopped"


def test_runtime_starts_looks_at_and_stops_scripts(room: TestRoom) -> None:
    script = room.write("sleeper.py", "import time\nprint('here', flush=True)\ntime.sleep(60)\n")
    said = room.python(
        f"""
from iron_cage import Runtime
runtime = Runtime(budget=7)
agent_id = runtime.start_agent({str(script)!r})
assert runtime.get_metrics(agent_id)["formatted"]["limit"] == "$7.00"
assert runtime.get_status(agent_id)["status"] == "running"
runtime.stop_agent(agent_id)
assert any(agent["id"] == agent_id and agent["status"] == "stopped" for agent in runtime.list_agents())
print(agent_id)
"""
    )
    assert said.startswith("sl-")


def test_where_no_room_runs_one_is_started_and_ended_with_the_process(tmp_path: Path) -> None:
    environment = room_environment(tmp_path)
    code = CALL + "\n".join(
        [
            "from iron_cage import AgentRuntime",
            "for _ in range(2):",
            "    with AgentRuntime(budget=1):",
            "        ask_model(max_tokens=10)",
            "from iron_cage._link import _used",
            "print(_used.pid)",
        ]
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
    assert not (tmp_path / "data" / "instance.json").exists()


def test_a_room_that_was_started_stays_until_the_last_process_has_left(tmp_path: Path) -> None:
    environment = room_environment(tmp_path)
    code = """
import sys
from iron_cage import AgentRuntime
with AgentRuntime(budget=1) as runtime:
    from iron_cage._link import _used
    print(_used.pid, flush=True)
    sys.stdin.readline()
    assert runtime.spent == 0
"""

    def begin() -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    with begin() as first:
        assert first.stdout is not None
        pid = int(first.stdout.readline())
        with begin() as second:
            assert second.stdout is not None
            assert int(second.stdout.readline()) == pid
            first.communicate("\n", timeout=30)
            assert first.returncode == 0
            os.kill(pid, 0)
            second.communicate("\n", timeout=30)
            assert second.returncode == 0
    TestRoom.until(lambda: not is_running(pid))


def test_a_room_that_was_started_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    code = """
import time
from iron_cage import AgentRuntime
with AgentRuntime(budget=1):
    from iron_cage._link import _used
    print(_used.pid, flush=True)
    time.sleep(60)
"""
    environment = room_environment(tmp_path)
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.kill()
    TestRoom.until(lambda: not is_running(pid))
    assert not (tmp_path / "data" / "instance.json").exists()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_package_that_was_installed_from_a_checkout_finds_what_starts_a_room_there(tmp_path: Path) -> None:
    site, checkout = tmp_path / "site-packages", tmp_path / "a checkout"
    shutil.copytree(PYTHON / "iron_cage", site / "iron_cage", ignore=shutil.ignore_patterns("__pycache__"))
    built = checkout / "out" / "main" / "cli.js"
    built.parent.mkdir(parents=True)
    built.touch()
    node = checkout / "node_modules" / "node" / "bin" / "node"
    node.parent.mkdir(parents=True)
    node.touch()
    code = "from iron_cage._room import find_command; print(find_command())"

    def found() -> str:
        environment = {"PATH": "/nowhere", "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert found() == "None"
    written = site / f"iron_cage-{iron_cage.__version__}.dist-info" / "direct_url.json"
    written.parent.mkdir()
    written.write_text(json.dumps({"dir_info": {}, "url": (checkout / "resources" / "python").as_uri()}))
    assert found() == str([str(node), str(built)])


def test_a_room_that_does_not_start_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'no room today' >&2\nexit 3\n")
    broken.chmod(0o755)
    environment = {**room_environment(tmp_path), "IRON_CAGE_COMMAND": str(broken), "PYTHONPATH": str(PYTHON)}
    code = "from iron_cage import AgentRuntime\nwith AgentRuntime(): pass"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert "RuntimeUnavailable: The control room did not start: no room today" in done.stderr
