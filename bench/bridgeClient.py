"""An agent that measures: round trips and one-way events, over the bridge and over a bare socket that answers each line with itself.

bridgeClient.py <bare socket> <result file> <round trips> <events>
"""

import json
import os
import socket
import sys
import time

bare, result, trips, events = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
LOT = 256


class Line:
    def __init__(self, path, hello=None):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.unread = b""
        if hello is not None:
            self.send(hello)
            self.read()

    def send(self, message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def read(self):
        while b"\n" not in self.unread:
            data = self.socket.recv(65536)
            if not data:
                raise SystemExit("The other side has gone away.")
            self.unread += data
        line, _, self.unread = self.unread.partition(b"\n")
        return json.loads(line)


def message(kind, number):
    named = {"id": number} if kind == "ask" else {}
    return {"kind": kind, **named, "command": "agent.progress", "input": {"done": number, "total": 10_000_000, "unit": "lead", "failed": 0}}


def round_trips(line, count):
    lengths = []
    for number in range(count):
        begin = time.perf_counter_ns()
        line.send(message("ask", number))
        line.read()
        lengths.append((time.perf_counter_ns() - begin) / 1e6)
    return lengths


def one_way(line, count):
    """Until the answer to a question that comes after all of them."""
    begin = time.perf_counter()
    for first in range(0, count, LOT):
        lot = [json.dumps(message("tell", number)).encode() for number in range(first, min(count, first + LOT))]
        line.socket.sendall(b"\n".join(lot) + b"\n")
    line.send(message("ask", count))
    while line.read().get("id") != count:
        pass
    return count / (time.perf_counter() - begin)


HELLO = {
    "kind": "hello",
    "protocol": 1,
    "token": os.environ["IRON_CAGE_RUN_TOKEN"],
    "language": "python",
    "pid": os.getpid(),
    "sdk": "bench",
    "handles": {"signal": False, "secrets": False},
}
bridge = Line(os.environ["IRON_CAGE_BRIDGE"], HELLO)
echo = Line(bare)
figures = {"bridge": [], "bare": [], "bridgeEvents": [], "bareEvents": []}
# In turns, so that a busy moment falls on both.
for turn in range(10):
    for name, line in (("bridge", bridge), ("bare", echo)):
        lengths = round_trips(line, trips // 10)
        if turn > 0:
            figures[name] += lengths
for _ in range(3 if events else 0):
    figures["bridgeEvents"].append(one_way(bridge, events))
    figures["bareEvents"].append(one_way(echo, events))
with open(result + ".part", "w") as file:
    json.dump(figures, file)
os.replace(result + ".part", result)
