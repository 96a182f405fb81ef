"""The other end of the wire, for what needs no control room: it answers as it is told to, in a thread."""

from __future__ import annotations

import json
import os
import socket
import tempfile
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Answer = Callable[[dict[str, Any]], Any]


class Refuse(Exception):
    def __init__(self, code: str, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.body = {"code": code, "message": message, **({} if details is None else {"details": details})}


class HangUp(Exception):
    """Instead of an answer; the words are the good-bye."""


def as_the_room_reads_it(text: str) -> int:
    """JavaScript has doubles alone, and writes the shortest digits that tell one from the next."""
    return int(text) if len(text) < 16 else int(Decimal(repr(float(text))))


class Bridge:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="iron-cage-")
        self.place = os.path.join(self._folder.name, "s")
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.hellos: list[dict[str, Any]] = []
        self.answers: dict[str, Answer] = {
            "scope.open": self._open_scope,
            "scope.close": lambda _input: {"scopeId": "", "limit": None, "spent": 250_000_000, "reserved": 0, "calls": 1},
            "scope.status": lambda _input: {"scopeId": "", "limit": None, "spent": 100_000_000, "reserved": 0, "calls": 1},
        }
        #: What is told, and waits for no answer.
        self.tells: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.is_welcoming = True
        self._scopes = 0
        self._changed = threading.Condition()
        self._connections: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.place)
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _open_scope(self, _input: dict[str, Any]) -> dict[str, Any]:
        self._scopes += 1
        return {"scopeId": f"scope-{self._scopes:012x}", "limit": None}

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        def send(message: Any) -> None:
            connection.sendall(json.dumps(message).encode() + b"\n")

        try:
            for line in connection.makefile("rb"):
                message = json.loads(line, parse_int=as_the_room_reads_it)
                kind = message["kind"]
                if kind == "hello":
                    self.hellos.append(message)
                    if not self.is_welcoming:
                        send({"kind": "bye", "reason": "The run is over."})
                        return
                    send({"kind": "welcome", "protocol": 1, "agentId": "sp-00000001", "room": "0"})
                    continue
                with self._changed:
                    self.heard.append((message["command"], message["input"]))
                    self._changed.notify_all()
                if kind == "ask":
                    self._answer(message, send)
                elif message["command"] in self.tells:
                    self.tells[message["command"]](message["input"])
        except HangUp as bye:
            if bye.args:
                send({"kind": "bye", "reason": bye.args[0]})
        except OSError:
            pass
        finally:
            connection.close()

    def _answer(self, message: dict[str, Any], send: Callable[[Any], None]) -> None:
        answer = self.answers.get(message["command"], lambda _input: {})
        try:
            output = answer(message["input"])
        except Refuse as refusal:
            send({"kind": "refusal", "id": message["id"], "error": refusal.body})
        else:
            if output is not None:
                send({"kind": "answer", "id": message["id"], "output": output})

    def say(self, message: Any) -> None:
        for connection in self._connections:
            connection.sendall(json.dumps(message).encode() + b"\n")

    def cut(self) -> None:
        connections, self._connections = self._connections, []
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        self._listener.close()
        self.cut()
        self._folder.cleanup()

    def commands(self) -> list[str]:
        return [command for command, _ in self.heard]

    def inputs(self, command: str) -> list[dict[str, Any]]:
        return [given for name, given in self.heard if name == command]

    def wait(self, command: str, count: int = 1, seconds: float = 10) -> list[dict[str, Any]]:
        """What was said so often at least, by now or in a moment."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.inputs(command)) >= count, seconds), self.commands()
        return self.inputs(command)
