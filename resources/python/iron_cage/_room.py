"""The control room of this machine: where it is, how to ask it, and how to start one where there is none."""

from __future__ import annotations

import json
import os
import sys
import time

from iron_cage import __version__
from iron_cage.errors import RuntimeUnavailable, from_refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from subprocess import Popen
    from typing import IO, Any

_REQUEST_SECONDS = 60.0
# A room that has just begun, or is just leaving, settles within this time.
_SETTLE_SECONDS = 10.0
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_MARK = "started-by-sdk.json"
_SETTLED = ("stopped", "crashed", "blocked", "over-budget")


def data_folder(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> str:
    """Where a room keeps what it must not forget: IRON_CAGE_HOME, or the platform's usual folder."""
    known = os.environ if environment is None else environment
    if known.get("IRON_CAGE_HOME"):
        return os.path.abspath(known["IRON_CAGE_HOME"])
    home = known.get("USERPROFILE" if platform == "win32" else "HOME") or os.path.expanduser("~")
    if platform == "win32":
        return os.path.join(known.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), "Iron Cage")
    if platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "Iron Cage")
    given = known.get("XDG_DATA_HOME", "")
    return os.path.join(given if os.path.isabs(given) else os.path.join(home, ".local", "share"), "iron-cage")


class Room:
    """The REST door of a running control room."""

    def __init__(self, url: str, token: str, *, pid: int | None = None, folder: str = "") -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.pid = pid
        self.folder = folder

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, timeout: float = _REQUEST_SECONDS) -> Any:
        """The answer's JSON; raises what the room refuses with."""
        # Its own connection: a proxy of the environment has nothing to do with this machine's own room.
        from http.client import HTTPConnection, HTTPException

        host = self.url.partition("://")[2]
        connection = HTTPConnection(host, timeout=timeout)
        headers = {"authorization": f"Bearer {self.token}", "accept": "application/json"}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["content-type"] = "application/json"
        try:
            connection.request(method, f"/api{path}", data, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, HTTPException) as problem:
            raise RuntimeUnavailable(f"The control room at {self.url} does not answer: {problem}.") from problem
        finally:
            connection.close()
        try:
            answer = json.loads(text) if text else {}
        except ValueError:
            raise RuntimeUnavailable(f"What answers at {self.url} is no control room (HTTP {response.status}).") from None
        if response.status < 400:
            return answer
        error = answer.get("error") if isinstance(answer, dict) else None
        raise from_refusal(error if isinstance(error, dict) else answer if isinstance(answer, dict) else {})

    def is_idle(self) -> bool:
        agents = self.request("GET", "/agents", timeout=5.0)["agents"]
        return all(agent["status"] in _SETTLED for agent in agents)


def find_room(folder: str) -> Room | None:
    """The room that owns the folder; waits for one that is just beginning."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        found = _read_instance(folder)
        if found is None:
            return None
        pid, url = found
        if url:
            room = Room(url, _read_token(folder), pid=pid, folder=folder)
            if _answers(room):
                return room
        if time.monotonic() > deadline:
            raise RuntimeUnavailable(f"Process {pid} holds {folder}, but its control room does not answer; wait for it to end, or end it.")
        time.sleep(0.05)


def _answers(room: Room) -> bool:
    try:
        room.request("GET", "/agents", timeout=5.0)
        return True
    except RuntimeUnavailable:
        return False


def _read_instance(folder: str) -> tuple[int, str | None] | None:
    try:
        with open(os.path.join(folder, "instance.json"), encoding="utf-8") as file:
            written = json.load(file)
        pid, url = written["pid"], written.get("url")
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (pid, url) if isinstance(pid, int) and is_running(pid) else None


def is_running(pid: int) -> bool:
    if os.name == "nt":
        # A signal of zero would end it there; whether it answers is asked anyway.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read_token(folder: str) -> str:
    path = os.path.join(folder, "owner.token")
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError as problem:
        raise RuntimeUnavailable(f"The owner token {path} cannot be read ({problem.strerror}).") from None


# A room of our own


def find_command() -> list[str] | None:
    """IRON_CAGE_COMMAND, `iron_cage` on the path, or what lies in the checkout that we are in, or were installed from."""
    import shlex
    import shutil

    given = os.environ.get("IRON_CAGE_COMMAND")
    if given:
        return shlex.split(given, posix=os.name != "nt")
    installed = shutil.which("iron_cage")
    if installed:
        return [installed]
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for python in (package, _installed_from(package)):
        root = os.path.abspath(os.path.join(python, "..", "..")) if python else ""
        built = os.path.join(root, "out", "main", "cli.js")
        # The checkout brings its own Node, for the machine's may be too old.
        own = os.path.join(root, "node_modules", "node", "bin", "node.exe" if os.name == "nt" else "node")
        node = own if os.path.exists(own) else shutil.which("node")
        if root and node and os.path.exists(built):
            return [node, built]
    return None


def _installed_from(site: str) -> str | None:
    """The folder that `pip install ./resources/python` was told; installers write it down beside the package."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        with open(os.path.join(site, f"iron_cage-{__version__}.dist-info", "direct_url.json"), encoding="utf-8") as file:
            url = urlsplit(json.load(file)["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return url2pathname(url.path) if url.scheme == "file" else None


class StartedRoom:
    """A headless room that this process has started."""

    def __init__(self, child: Popen[str], room: Room, errors: IO[str]) -> None:
        self._child = child
        self.room = room
        self._errors = errors
        self._pid = os.getpid()

    def close(self) -> None:
        """Ends it, unless others have begun to use it by now; the last of them ends it."""
        if os.getpid() != self._pid:
            return
        end_if_idle(self.room)
        if self._child.stdin is not None:
            self._child.stdin.close()
        if self._child.poll() is None and not os.path.exists(os.path.join(self.room.folder, _MARK)):
            try:
                self._child.wait(_STOP_SECONDS)
            except Exception:
                self._child.kill()
                self._child.wait()
        # A child that goes on without us is no reason for a warning.
        self._child.returncode = self._child.poll() or 0
        self._errors.close()


def start_room(folder: str) -> StartedRoom:
    """A headless room on the folder; raises RuntimeUnavailable with what it said where it did not come up."""
    import subprocess
    import tempfile

    command = find_command()
    if command is None:
        raise RuntimeUnavailable(
            "No control room is running, and no program was found to start one: start it with `iron_cage serve`, "
            "or name the program in IRON_CAGE_COMMAND, or pass when_missing='unprotected'."
        )
    environment = {name: value for name, value in os.environ.items() if name not in ("IRON_CAGE_RUN_TOKEN", "IRON_CAGE_BRIDGE")}
    environment["IRON_CAGE_HOME"] = folder
    # Nobody sits in front of it who could be asked.
    environment.setdefault("IRON_CAGE_AT_LIMIT", "end")
    errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
    try:
        child = subprocess.Popen(
            # It sees our end by that of its input, however we end, and stays for others that use it by then.
            [*command, "serve", "--port", "0", "--until-unused"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
            # What is typed at our terminal is not meant for it: it ends after us.
            start_new_session=True,
        )
    except OSError as problem:
        errors.close()
        raise RuntimeUnavailable(f"{command[0]} could not be started ({problem.strerror}).") from None
    try:
        url = _listening(child)
        if url is None:
            child.kill()
            child.wait()
            errors.seek(0)
            said = errors.read()[-2000:].strip()
            raise RuntimeUnavailable(f"The control room did not start: {said or f'exit code {child.returncode}'}")
    except BaseException:
        errors.close()
        raise
    room = Room(url, _read_token(folder), pid=child.pid, folder=folder)
    with open(os.path.join(folder, _MARK), "w", encoding="utf-8") as file:
        json.dump({"pid": _read_pid(folder, child.pid)}, file)
    return StartedRoom(child, room, errors)


def _read_pid(folder: str, otherwise: int) -> int:
    """A wrapper may stand between us and the room itself."""
    found = _read_instance(folder)
    return found[0] if found else otherwise


def _listening(child: Popen[str]) -> str | None:
    from threading import Timer

    assert child.stdout is not None
    too_late = Timer(_START_SECONDS, child.kill)
    too_late.daemon = True
    too_late.start()
    try:
        for line in child.stdout:
            _, found, url = line.partition("listening on ")
            if found:
                return url.strip()
        return None
    finally:
        too_late.cancel()
        # It says nothing more than that line there.
        child.stdout.close()


def end_if_idle(room: Room) -> None:
    """Ends a room that an SDK has started, where no agent uses it any more; leaves every other alone."""
    import signal

    mark = os.path.join(room.folder, _MARK)
    try:
        with open(mark, encoding="utf-8") as file:
            pid = json.load(file)["pid"]
        if not isinstance(pid, int) or pid != _read_pid(room.folder, -1) or not room.is_idle():
            return
        os.remove(mark)
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError, KeyError, RuntimeUnavailable):
        # It has ended by itself, or somebody else ends it.
        return
