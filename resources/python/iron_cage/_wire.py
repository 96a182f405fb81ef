"""The connection to the control room's bridge: one JSON object a line over a local socket.

`ask` waits for its answer in the thread that asks: whoever waits reads for all others that wait. `tell` writes what the socket
takes at once; a thread exists only while the room is slower than we are. Nothing here is imported that programs replace.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import time
import weakref
from _thread import allocate_lock, get_ident, start_new_thread
from collections import deque

from iron_cage._channel import Gone, Late, PipeChannel, SocketChannel, open_channel
from iron_cage._messages import LONGEST_LINE, Slot, line_of, output_of
from iron_cage.errors import RuntimeUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

PROTOCOL = 1
ASK_SECONDS = 30.0

_MOST_WAITING = 10_000
_MOST_WAITING_BYTES = 16 * LONGEST_LINE
_LEAVE_SECONDS = 1.0
_FINISH_SECONDS = 0.3
_FIRST_BACKOFF = 0.05
_LAST_BACKOFF = 5.0
_GONE = "It has gone away."
_BYE = "It has said goodbye: "


class Wire:
    """One process's own connection. Safe to share between threads; a forked child has its own."""

    def __init__(self, place: str, token: str, *, sdk: str = "iron_cage", on_stop: Callable[[str], None] | None = None) -> None:
        self.place = place
        self.token = token
        self.sdk = sdk
        #: Called with the reason where the room asks this process to end.
        self.on_stop = on_stop
        #: What the room calls this run, once it has welcomed us.
        self.agent_id: str | None = None
        self.room: str | None = None
        #: What was told and never arrived anywhere.
        self.dropped = 0
        self._make_anew()
        _wires.add(self)

    def _make_anew(self) -> None:
        self._lock = allocate_lock()
        self._reading = allocate_lock()
        self._channel: SocketChannel | PipeChannel | None = None
        self._lines: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._offset = 0
        self._unread = b""
        self._slots: dict[int, Slot] = {}
        self._inside: set[int] = set()
        self._number = 0
        self._retry_at = 0.0
        self._backoff = _FIRST_BACKOFF
        self._why = _GONE
        self._has_heard = False
        self._has_flusher = False
        self._is_closed = False
        self._said_dropped = 0

    # What others call

    def ask(self, command: str, input: Mapping[str, Any], *, timeout: float = ASK_SECONDS, is_repeatable: bool = False) -> dict[str, Any]:
        """The room's answer; raises what it refuses with, and RuntimeUnavailable where it does not answer.

        `is_repeatable` asks once more where the connection ended before the answer came.
        """
        me = get_ident()
        if me in self._inside:
            # A signal's handler, or a finaliser, in the midst of another question of this very thread.
            return self._ask_apart(command, input, timeout)
        self._inside.add(me)
        try:
            try:
                return self._ask_once(command, input, timeout)
            except Gone as problem:
                if not is_repeatable or isinstance(problem, Late):
                    raise
                return self._ask_once(command, input, timeout)
        except Gone as problem:
            raise RuntimeUnavailable(f"The control room does not answer: {problem}") from None
        finally:
            self._inside.discard(me)

    def tell(self, command: str, input: Mapping[str, Any]) -> bool:
        """Says something that nobody answers. Never waits; false where it was dropped."""
        line = line_of({"kind": "tell", "command": command, "input": input})
        if self._is_closed or len(self._lines) >= _MOST_WAITING or self._waiting_bytes + len(line) > _MOST_WAITING_BYTES:
            self.dropped += 1
            return False
        me = get_ident()
        if me in self._inside or not self._lock.acquire(False):
            # Somebody is writing, and writes until nothing is left.
            self._append(line)
            if me not in self._inside and self._lock.acquire(False):
                self._push_and_release(me)
            return True
        self._append(line)
        self._push_and_release(me)
        return True

    def flush(self, timeout: float = _LEAVE_SECONDS) -> bool:
        """Waits until everything that was told is on its way; false where that took too long."""
        me = get_ident()
        if me in self._inside:
            return False
        self._inside.add(me)
        deadline = time.monotonic() + timeout
        try:
            while self._lines:
                if not self._lock.acquire(True, max(0.0, deadline - time.monotonic())):
                    return False
                try:
                    self._connect()
                    self._write(deadline)
                finally:
                    self._lock.release()
            return True
        except (Gone, OSError):
            return False
        finally:
            self._inside.discard(me)

    def close(self, timeout: float = _LEAVE_SECONDS) -> None:
        """Sends what waits, and hangs up. Asking again afterwards is refused."""
        if self._is_closed:
            return
        self.flush(timeout)
        self._is_closed = True
        self._why = "It was closed."
        if self._lock.acquire(True, timeout):
            try:
                if self._channel is not None and not self._lines:
                    self._channel.finish(_FINISH_SECONDS)
                self._drop("The connection was closed.")
            finally:
                self._lock.release()

    # Writing: everything below holds the lock

    def _append(self, line: bytes) -> None:
        self._waiting_bytes += len(line)
        self._lines.append(line)

    def _push_and_release(self, me: int) -> None:
        """What the socket takes now; a thread takes care of the rest."""
        was_inside = me in self._inside
        self._inside.add(me)
        try:
            while self._lines:
                try:
                    self._connect()
                    self._write(None)
                    if self._lines:
                        self._start_flusher()
                except (Gone, OSError):
                    # They wait for a room that comes back, until there are too many.
                    return
                finally:
                    self._lock.release()
                # Somebody may have left a line while we let go.
                if not self._lines or self._has_flusher or not self._lock.acquire(False):
                    return
            self._lock.release()
        finally:
            if not was_inside:
                self._inside.discard(me)

    def _write(self, deadline: float | None) -> None:
        """Until nothing is left, or the socket is full and there is no deadline to wait for."""
        while self._lines:
            channel = self._channel
            if channel is None:
                raise Gone(self._why)
            line = self._lines[0]
            try:
                sent = channel.send_some(memoryview(line)[self._offset :] if self._offset else line)
                self._offset += sent
                if self._offset == len(line):
                    self._offset = 0
                    self._lines.popleft()
                    self._waiting_bytes -= len(line)
                    continue
            except Gone as problem:
                self._drop(str(problem))
                raise
            except OSError as problem:
                self._hear_goodbye(channel)
                self._drop(f"It has gone away ({problem.strerror or problem}).")
                raise Gone(self._why) from None
            except BaseException:
                # Interrupted: nobody knows how much of it has gone. Said twice would be worse than not at all.
                self._has_heard = True
                self._drop("It was interrupted.")
                if self._lines and self._lines[0] is line:
                    self._lines.popleft()
                raise
            if deadline is None:
                return
            if not channel.wait_writable(deadline - time.monotonic()):
                raise Late("It does not read what it is told.")
        # Counted without a lock where somebody else was writing.
        self._waiting_bytes = 0

    def _hear_goodbye(self, channel: SocketChannel | PipeChannel) -> None:
        """It may have said why before it hung up; where somebody reads, he hears it."""
        if not isinstance(channel, SocketChannel) or not self._reading.acquire(False):
            return
        try:
            self._take(channel.receive() or b"")
        except (OSError, ValueError):
            pass
        finally:
            self._reading.release()

    def _start_flusher(self) -> None:
        if not self._has_flusher:
            self._has_flusher = True
            start_new_thread(self._flush_aside, ())

    def _flush_aside(self) -> None:
        try:
            while self._lines and not self._is_closed and self.flush(10.0):
                pass
        finally:
            self._has_flusher = False

    def _connect(self) -> None:
        if self._channel is not None:
            return
        if self._is_closed:
            raise Gone(self._why)
        if time.monotonic() < self._retry_at:
            raise Gone(self._why)
        try:
            self._channel = open_channel(self.place)
        except OSError as problem:
            self._wait_longer(f"Nobody listens at {self.place} ({problem.strerror or problem}).")
            raise Gone(self._why) from None
        self._unread = b""
        self._offset = 0
        self._why = _GONE
        self._has_heard = False
        if self.dropped > self._said_dropped:
            count, self._said_dropped = self.dropped - self._said_dropped, self.dropped
            said = {"level": "WARN", "message": f"{count} messages of this process were dropped while the control room did not listen."}
            self._lines.appendleft(line_of({"kind": "tell", "command": "agent.log", "input": {"lines": [said]}}))
            self._waiting_bytes += len(self._lines[0])
        self._lines.appendleft(self._hello())
        self._waiting_bytes += len(self._lines[0])

    def _hello(self) -> bytes:
        return line_of(
            {
                "kind": "hello",
                "protocol": PROTOCOL,
                "token": self.token,
                "language": "python " + ".".join(map(str, sys.version_info[:3])),
                "pid": os.getpid(),
                "sdk": self.sdk,
                "handles": {"signal": False, "secrets": False},
            }
        )

    def _wait_longer(self, why: str) -> None:
        self._why = why
        self._retry_at = time.monotonic() + self._backoff
        self._backoff = min(_LAST_BACKOFF, self._backoff * 2)

    def _drop(self, why: str) -> None:
        """The connection is over; whoever waits for an answer on it waits no longer."""
        channel, self._channel = self._channel, None
        if not self._why.startswith(_BYE):
            self._why = why
        self._offset = 0
        if not self._has_heard:
            self._wait_longer(self._why)
        # Whoever comes back is greeted anew.
        while self._lines and self._lines[0].startswith(b'{"kind":"hello"'):
            self._waiting_bytes -= len(self._lines.popleft())
        if channel is not None:
            channel.close()
        for slot in list(self._slots.values()):
            slot.gone = self._why
            slot.wake()

    # Asking

    def _ask_once(self, command: str, input: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        slot: Slot | None = None
        try:
            for is_last in (False, True):
                if not self._lock.acquire(True, timeout):
                    raise Gone("It does not read what it is told.")
                try:
                    self._connect()
                    self._number += 1
                    slot = self._slots[self._number] = Slot(self._number)
                    line = line_of({"kind": "ask", "id": slot.number, "command": command, "input": input})
                    self._append(line)
                    try:
                        self._write(deadline)
                    except Gone as problem:
                        # Not a whole line of it has left us.
                        self._slots.pop(slot.number, None)
                        self._take_back(line)
                        if is_last or isinstance(problem, Late):
                            raise
                        continue
                finally:
                    self._lock.release()
                break
            if self._lines and self._lock.acquire(False):
                # Told by another thread just before we let go.
                self._push_and_release(get_ident())
            assert slot is not None
            return self._wait_for(slot, deadline, timeout)
        finally:
            if slot is not None:
                self._slots.pop(slot.number, None)
                self._wake_another()

    def _take_back(self, line: bytes) -> None:
        # What has begun has to be finished, or the next line would not begin.
        if self._offset and self._lines and self._lines[0] is line:
            return
        try:
            self._lines.remove(line)
            self._waiting_bytes -= len(line)
        except ValueError:
            pass

    def _wait_for(self, slot: Slot, deadline: float, timeout: float) -> dict[str, Any]:
        while True:
            if slot.answer is not None:
                return output_of(slot.answer)
            if slot.gone is not None:
                raise Gone(slot.gone)
            left = deadline - time.monotonic()
            if left <= 0:
                raise Late(f"{timeout:g} s have passed without an answer.")
            if not self._reading.acquire(False):
                # Another thread reads for us, and wakes us when we have an answer, or are to read.
                slot.lock.acquire(True, left)
                continue
            try:
                self._read_until(slot, deadline)
            finally:
                self._reading.release()

    def _wake_another(self) -> None:
        """Whoever has what it waited for hands the reading on."""
        if self._reading.locked():
            return
        for slot in list(self._slots.values()):
            if slot.answer is None:
                slot.wake()
                return

    def _read_until(self, slot: Slot, deadline: float) -> None:
        while slot.answer is None and slot.gone is None:
            channel = self._channel
            if channel is None:
                slot.gone = self._why
                return
            try:
                if not channel.is_ours():
                    raise OSError(0, "the program has closed it")
                if not channel.wait_readable(deadline - time.monotonic()):
                    return
                data = channel.receive()
                if data is None:
                    continue
                if not data:
                    raise OSError(0, "the control room has hung up")
                self._take(data)
            except (OSError, ValueError) as problem:
                with self._lock:
                    if self._channel is channel:
                        self._drop(f"The connection has ended ({getattr(problem, 'strerror', None) or problem}).")
                slot.gone = slot.gone or self._why

    def _take(self, data: bytes) -> None:
        *lines, self._unread = (self._unread + data).split(b"\n")
        if len(self._unread) > LONGEST_LINE:
            raise ValueError("the control room sent a line without an end")
        for line in lines:
            self._hear(json.loads(line))

    def _hear(self, message: dict[str, Any]) -> None:
        self._has_heard = True
        kind = message.get("kind")
        if kind in ("answer", "refusal"):
            slot = self._slots.get(message.get("id", -1))
            if slot is not None:
                slot.answer = message
                slot.wake()
        elif kind == "welcome":
            self._backoff = _FIRST_BACKOFF
            self.agent_id, self.room = message.get("agentId"), message.get("room")
        elif kind == "bye":
            self._why = f"{_BYE}{message.get('reason')}"
            self._retry_at = time.monotonic() + _LAST_BACKOFF
        elif kind == "stop" and self.on_stop is not None:
            self.on_stop(str(message.get("reason") or ""))

    def listen(self) -> str:
        """Reads until the connection ends, and says why it did; for a connection of its own, on which nobody asks."""
        me = get_ident()
        self._inside.add(me)
        try:
            with self._lock:
                self._connect()
                self._write(time.monotonic() + _LEAVE_SECONDS)
            slot = Slot(0)
            with self._reading:
                while slot.gone is None:
                    self._read_until(slot, time.monotonic() + 3600.0)
            return slot.gone
        except Gone as problem:
            return str(problem)
        finally:
            self._inside.discard(me)

    def _ask_apart(self, command: str, input: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        other = Wire(self.place, self.token, sdk=self.sdk)
        try:
            return other.ask(command, input, timeout=timeout)
        finally:
            other.close()

    # Forks

    def _after_in_child(self) -> None:
        """The connection is the parent's, and so is what waits in it."""
        channel = self._channel
        is_closed = self._is_closed
        self._make_anew()
        self._is_closed = is_closed
        if channel is not None:
            channel.close()


_wires: weakref.WeakSet[Wire] = weakref.WeakSet()
_shared: dict[tuple[str, str], Wire] = {}
_shared_lock = allocate_lock()


def shared_with(place: str, token: str) -> Wire:
    wire = _shared.get((place, token))
    if wire is None:
        with _shared_lock:
            wire = _shared.get((place, token))
            if wire is None:
                wire = _shared[place, token] = Wire(place, token)
    return wire


def forget(wire: Wire) -> None:
    """Its run is over."""
    with _shared_lock:
        for key, one in list(_shared.items()):
            if one is wire:
                del _shared[key]
    wire.close()


def _after_in_child() -> None:
    global _shared_lock
    _shared_lock = allocate_lock()
    for wire in list(_wires):
        wire._after_in_child()


def _at_exit() -> None:
    for wire in list(_wires):
        wire.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_in_child)
atexit.register(_at_exit)
