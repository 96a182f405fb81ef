"""Starts a child, one in a session of its own, and one that has slipped away by a double fork; none of them heeds SIGTERM."""
import os
import signal
import subprocess
import sys
import time

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN); time.sleep(600)"

child = subprocess.Popen([sys.executable, "-c", DEAF])
stranger = subprocess.Popen([sys.executable, "-c", DEAF], start_new_session=True)

reader, writer = os.pipe()
first = os.fork()
if first == 0:
    os.setsid()
    second = os.fork()
    if second == 0:
        os.close(reader)
        os.write(writer, f"{os.getpid()}\n".encode())
        os.close(writer)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    os._exit(0)
os.close(writer)
os.waitpid(first, 0)
with os.fdopen(reader) as pipe:
    orphan = int(pipe.readline())

print(f"family {os.getpid()} {child.pid} {stranger.pid} {orphan} together", flush=True)
signal.pause()
