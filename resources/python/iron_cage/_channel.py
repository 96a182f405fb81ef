"""What a line goes through on its way to the room: a Unix socket, or a named pipe of Windows."""

from __future__ import annotations

import os
import select
import time

_CONNECT_SECONDS = 1.0
# Programs count on the low numbers being free.
_LOWEST_DESCRIPTOR = 100


class Gone(Exception):
    """The connection has ended; the words say why."""


class Late(Gone):
    """It stands, and nothing comes."""


class SocketChannel:
    """A Unix socket that never blocks and never ends the program by SIGPIPE."""

    def __init__(self, place: str) -> None:
        import _socket
        import fcntl

        plain = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            plain.settimeout(_CONNECT_SECONDS)
            plain.connect(place)
            try:
                number = fcntl.fcntl(plain.fileno(), fcntl.F_DUPFD_CLOEXEC, _LOWEST_DESCRIPTOR)
            except OSError:
                number = plain.detach()
        finally:
            plain.close()
        os.set_blocking(number, False)
        self._flags = getattr(_socket, "MSG_NOSIGNAL", 0)
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, number)
        self._socket.setblocking(False)
        self._number = number
        self._identity = self._look()
        self._readable = select.poll()
        self._readable.register(number, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(number, select.POLLOUT)

    def _look(self) -> tuple[int, int]:
        status = os.fstat(self._number)
        return status.st_dev, status.st_ino

    def is_ours(self) -> bool:
        """Programs that become daemons close every descriptor there is, and open files under the same numbers."""
        try:
            return self._look() == self._identity
        except OSError:
            return False

    def send_some(self, data: bytes | memoryview) -> int:
        if not self.is_ours():
            raise Gone("The program has closed the connection to the control room.")
        try:
            return self._socket.send(data, self._flags)
        except BlockingIOError:
            return 0

    def receive(self) -> bytes | None:
        """None where nothing has come yet; empty where nothing will."""
        try:
            return self._socket.recv(262_144)
        except BlockingIOError:
            return None

    def wait_readable(self, seconds: float) -> bool:
        return bool(self._readable.poll(max(0.0, seconds) * 1000))

    def wait_writable(self, seconds: float) -> bool:
        return bool(self._writable.poll(max(0.0, seconds) * 1000))

    def finish(self, seconds: float) -> None:
        """Waits until the other side has read all there is: it may lose what it has not, when it finds us gone."""
        if not self.is_ours():
            return
        deadline = time.monotonic() + seconds
        try:
            self._socket.shutdown(1)
            while self.wait_readable(deadline - time.monotonic()) and self.receive() != b"":
                pass
        except OSError:
            pass

    def close(self) -> None:
        if self.is_ours():
            self._socket.close()
        else:
            self._socket.detach()


class PipeChannel:
    """A named pipe of Windows as a plain file. Reading and writing wait; time-outs are not kept. Untested: we have no such machine."""

    def __init__(self, place: str) -> None:
        self._file = open(place, "r+b", buffering=0)  # noqa: SIM115

    def is_ours(self) -> bool:
        return not self._file.closed

    def send_some(self, data: bytes | memoryview) -> int:
        return self._file.write(data) or 0

    def receive(self) -> bytes | None:
        return self._file.read(65_536)

    def wait_readable(self, seconds: float) -> bool:
        return seconds > 0

    def wait_writable(self, seconds: float) -> bool:
        return seconds > 0

    def finish(self, seconds: float) -> None:
        pass

    def close(self) -> None:
        self._file.close()


def open_channel(place: str) -> SocketChannel | PipeChannel:
    return PipeChannel(place) if os.name == "nt" else SocketChannel(place)
