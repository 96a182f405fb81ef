"""The way to the control room: new values of secrets, put into os.environ while the program runs.

There is no thread where a signal does: the room sends SIGUSR1 to whoever has said that it handles it, and the
handler reads what has come. A thread stands in where the program has a handler of its own.

It is loaded before the first line of every program, so it imports what the interpreter has built in, and json and signal not at all.
"""

import _signal
import _socket
import faulthandler
import fcntl
import os
import sys
import time
from select import POLLIN, POLLOUT, poll

try:
    from _json import encode_basestring_ascii, make_scanner
except ImportError:
    encode_basestring_ascii = make_scanner = None

_CONNECT_SECONDS = 0.25
# The longest that the program stands still for us; a room answers within milliseconds.
_FETCH_SECONDS = 1.0
_LONGEST_LINE = 16 * 1024 * 1024
# Programs count on the low numbers being free.
_LOWEST_DESCRIPTOR = 100


class _Scan:
    """What `json.loads` asks its scanner to do."""

    strict = True
    object_hook = object_pairs_hook = array_hook = None
    parse_float = float
    parse_int = int
    parse_constant = None
    memo = {}


try:
    _scan = make_scanner and make_scanner(_Scan)
except Exception:
    # It asks for more than we know of.
    _scan = None


def _read_json(line):
    if _scan is not None:
        return _scan(line.decode(), 0)[0]
    import json

    return json.loads(line)


def _write_json(value):
    if encode_basestring_ascii is None:
        import json

        return json.dumps(value)
    if isinstance(value, dict):
        return "{" + ",".join(_write_json(name) + ":" + _write_json(one) for name, one in value.items()) + "}"
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    return str(value).lower()


def _moved_up(descriptor):
    try:
        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _LOWEST_DESCRIPTOR)
    except OSError:
        return descriptor
    os.close(descriptor)
    return high


def _identity(descriptor):
    try:
        status = os.fstat(descriptor)
        return status.st_dev, status.st_ino
    except OSError:
        return None


class _Bridge:
    def __init__(self, place, token):
        self.place = place
        self.token = token
        # What the program knows; whatever it has changed itself stays as it is.
        self.known = dict(os.environ)
        # A number, not an object: nothing of it is left to be cleared away when the program ends.
        self.descriptor = None
        self.identity = None
        self.pending = b""
        self.wanted = 0
        self.applied = 0
        self.is_busy = False
        self.thread = None
        self.wake = ()
        self.wake_identity = None
        self.had_thread = False
        self.has_signal = False

    # The connection

    def connect(self):
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        connection.settimeout(_CONNECT_SECONDS)
        try:
            connection.connect(self.place)
        except BaseException:
            connection.close()
            raise
        self.descriptor = _moved_up(connection.detach())
        os.set_blocking(self.descriptor, False)
        self.identity = _identity(self.descriptor)
        self.pending = b""

    def say_hello(self):
        self.send(
            {
                "kind": "hello",
                "token": self.token,
                "language": "python " + ".".join(map(str, sys.version_info[:3])),
                "pid": os.getpid(),
                "sdk": "bootstrap 1",
                "handles": {"signal": self.has_signal, "secrets": True},
            }
        )

    def is_ours(self):
        """Programs that become daemons close every descriptor there is, and open files under the same numbers."""
        if self.descriptor is not None and _identity(self.descriptor) != self.identity:
            self.descriptor = None
        return self.descriptor is not None

    def leave(self):
        if self.is_ours():
            os.close(self.descriptor)
        self.descriptor = None
        self.pending = b""

    def send(self, message):
        if not self.is_ours():
            return
        data = _write_json(message).encode() + b"\n"
        deadline = time.monotonic() + _FETCH_SECONDS
        while data:
            try:
                data = data[self.send_some(data) :]
            except BlockingIOError:
                if not self.is_ready(deadline, True):
                    self.leave()
                    return
            except OSError:
                self.leave()
                return

    def send_some(self, data):
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, self.descriptor)
        try:
            connection.settimeout(0)
            # A room that is gone shall not end a program that lets SIGPIPE end it.
            return connection.send(data, getattr(_socket, "MSG_NOSIGNAL", 0))
        finally:
            connection.detach()

    def is_ready(self, deadline, to_write=False):
        polled = poll()
        polled.register(self.descriptor, POLLOUT if to_write else POLLIN)
        left = deadline - time.monotonic()
        return left > 0 and bool(polled.poll(left * 1000))

    def read(self):
        """What has come by now, without waiting. None where nothing has; ends the connection where it has ended."""
        if not self.is_ours():
            return None
        try:
            data = os.read(self.descriptor, 262144)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        self.pending += data
        if not data or len(self.pending) > _LONGEST_LINE:
            self.leave()
            return None
        *lines, self.pending = self.pending.split(b"\n")
        return [_read_json(line) for line in lines]

    # New values

    def hear(self):
        values = None
        while True:
            messages = self.read()
            if messages is None:
                return values
            for message in messages:
                if message.get("kind") == "secrets":
                    self.wanted = max(self.wanted, message["generation"])
                elif message.get("kind") == "values":
                    values = message

    def renew(self):
        """Takes what the room has; the connection is not left half read."""
        deadline = time.monotonic() + _FETCH_SECONDS
        self.hear()
        self.send({"kind": "fetch"})
        while self.is_ours() and self.is_ready(deadline):
            values = self.hear()
            if values is None:
                continue
            self.put(values["secrets"])
            self.applied = max(self.applied, values["generation"])
            self.send({"kind": "applied", "generation": self.applied})
            if self.applied >= self.wanted:
                return
            self.send({"kind": "fetch"})

    def put(self, secrets):
        for name, value in secrets.items():
            if os.environ.get(name) == self.known.get(name):
                os.environ[name] = value
                self.known[name] = value

    # The signal

    def on_signal(self, _number, _frame):
        if self.is_busy:
            return
        self.is_busy = True
        try:
            if self.thread is None:
                self.renew()
        except Exception:
            self.leave()
        finally:
            self.is_busy = False

    def take_signal(self, watch):
        """Only where nobody else has it, and nobody has said that it is to be ignored."""
        try:
            if _signal.getsignal(_signal.SIGUSR1) == _signal.SIG_DFL:
                _signal.signal(_signal.SIGUSR1, self.on_signal)
                self.has_signal = True
        except ValueError:
            # Not the main thread.
            pass
        if self.has_signal:
            self.watch(faulthandler.register)
            watch("signal", lambda module: self.watch(module.signal))

    def watch(self, install):
        """A program that takes the signal for itself has it, and we never ask for it again."""

        def watched(*args, **options):
            if _signal.SIGUSR1 in (*args[:1], *options.values()):
                self.lose_signal()
            return install(*args, **options)

        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            setattr(watched, name, getattr(install, name, None))
        watched.__wrapped__ = install
        name = install.__name__
        for module in list(sys.modules.values()):
            # Some import it by name, before us.
            if getattr(module, "__dict__", {}).get(name) is install:
                setattr(module, name, watched)

    def lose_signal(self):
        if not self.has_signal:
            return
        self.has_signal = False
        try:
            self.send({"kind": "handles", "signal": False, "secrets": True})
            self.start_thread()
        except Exception:
            self.leave()

    # The thread, where there is no signal to be had

    def start_thread(self):
        import threading

        if self.thread is not None or not self.is_ours():
            return
        self.wake = tuple(_moved_up(descriptor) for descriptor in os.pipe())
        self.wake_identity = _identity(self.wake[1])
        self.thread = threading.Thread(target=self.listen, args=self.wake[:1], name="iron-cage", daemon=True)
        self.thread.start()

    def listen(self, wake):
        try:
            while self.is_ours():
                polled = poll()
                polled.register(self.descriptor, POLLIN)
                polled.register(wake, POLLIN)
                if any(descriptor == wake for descriptor, _ in polled.poll()):
                    return
                self.hear()
                if self.wanted > self.applied:
                    self.renew()
        except Exception:
            self.leave()

    def stop_thread(self):
        thread, self.thread = self.thread, None
        if thread is None:
            return False
        if _identity(self.wake[1]) == self.wake_identity:
            os.write(self.wake[1], b"x")
            thread.join(_FETCH_SECONDS)
            for descriptor in self.wake:
                os.close(descriptor)
        # A fork warns of threads that the system still counts.
        task = f"/proc/self/task/{thread.native_id or 0}"
        deadline = time.monotonic() + 0.05
        while os.path.exists(task) and time.monotonic() < deadline:
            time.sleep(0)
        return True

    # Forks

    def before_fork(self):
        try:
            self.had_thread = self.stop_thread()
        except Exception:
            self.had_thread = False

    def after_in_parent(self):
        try:
            if self.had_thread:
                self.start_thread()
        except Exception:
            pass

    def after_in_child(self):
        """The connection is the parent's: one that stays open makes it look alive when it is gone."""
        try:
            self.is_busy = False
            self.leave()
            # A thread is nothing to begin a child's life with: it keeps what its parent had.
            if self.had_thread:
                return
            self.connect()
            self.say_hello()
        except Exception:
            pass


def _watch_at_once(name, callback):
    from importlib import import_module

    callback(import_module(name))


def begin(place, token, watch=None):
    """`watch` calls back with a module when the program has imported it."""
    bridge = _Bridge(place, token)
    bridge.connect()
    bridge.take_signal(watch or _watch_at_once)
    bridge.say_hello()
    os.register_at_fork(before=bridge.before_fork, after_in_parent=bridge.after_in_parent, after_in_child=bridge.after_in_child)
    if not bridge.has_signal:
        bridge.start_thread()
