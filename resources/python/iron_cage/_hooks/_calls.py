"""One call to a service that the agent file names: whether it may go, what came of it, and what is given in its place."""

from __future__ import annotations

import json
import re
import time
import weakref
from hashlib import sha256

from ._run import before_end, named_service, run
from ._seen import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LARGEST_KEPT = 256 * 1024
_LARGEST_HASHED = 4 * 1024 * 1024
_MOST_PARTS = 6
_MOST_ENDPOINTS = 100
_LONGEST_ENDPOINT = 200
_AGAIN_SECONDS = 2.0
_KEPT_METHODS = ("GET", "HEAD")
# Also failures: it is asked to come back later, which is what a breaker is for.
_FAILURES = (408, 425, 429)
_DEEPEST = 50
_LARGEST_EXACT = 2**53 - 1

TIER_HEADER = "x-iron-cage-tier"

_IDENTITY = re.compile(
    r"""\d+ | [0-9a-f]{8}-[0-9a-f-]{20,} | [0-9a-f]{16,} | (?=.*\d)[\w.~=%+-]{16,} | .{41,} | .*(?:@|%40).*""",
    re.VERBOSE | re.IGNORECASE,
)


class Service:
    """Of the run's plan: a name, and the hosts that belong to it."""

    def __init__(self, name: str, hosts: list[str]) -> None:
        self.name = name
        self.patterns = [_pattern(host) for host in hosts]
        self.endpoints: set[str] = set()

    def has(self, host: str, port: int) -> bool:
        return any(
            (host.endswith(name[1:]) if name.startswith("*.") else host == name) and (wanted is None or wanted == port)
            for name, wanted in self.patterns
        )

    def endpoint(self, path: str) -> str:
        """Calls of one kind: whatever tells one thing from another is left out."""
        parts = [part for part in path.partition("?")[0].split("/") if part]
        shown = "/" + "/".join(":id" if _IDENTITY.fullmatch(part) else part for part in parts[:_MOST_PARTS])
        if len(parts) > _MOST_PARTS:
            shown += "/…"
        shown = shown[:_LONGEST_ENDPOINT]
        if shown not in self.endpoints:
            if len(self.endpoints) >= _MOST_ENDPOINTS:
                return "/…"
            self.endpoints.add(shown)
        return shown


def _pattern(host: str) -> tuple[str, int | None]:
    name, colon, port = host.lower().rpartition(":")
    if colon and port.isdigit() and (":" not in name or name.endswith("]")):
        return name.strip("[]"), int(port)
    return host.lower().strip("[]"), None


_services: list[Service] = []
_ask_at = 0.0


def service_of(host: str, port: int) -> Service | None:
    host = host.lower().rstrip(".").strip("[]")
    if not host or run.is_ours(host, port):
        return None
    found = next((service for service in _plan() if service.has(host, port)), None)
    # Within a block of the SDK for this very service it is counted there.
    return None if found is not None and found.name == named_service() else found


def has_host(name: str, host: str, port: int) -> bool:
    service = next((service for service in _services if service.name == name), None)
    return service is None or not service.patterns or service.has(host.lower(), port)


def forget_plan() -> None:
    """It is another run's."""
    global _services, _ask_at
    _services, _ask_at = [], 0.0


def _plan() -> list[Service]:
    global _services, _ask_at
    if time.monotonic() >= _ask_at:
        answer = run.ask("service.plan", {})
        if answer is None:
            _ask_at = time.monotonic() + _AGAIN_SECONDS
        else:
            # What code declares comes later; hosts of the agent file are there from the first call on.
            _ask_at = time.monotonic() + 30.0
            known = {service.name: service for service in _services}
            _services = [_renewed(known.get(policy["name"]), policy) for policy in answer.get("services", ())]
    return _services


def _renewed(known: Service | None, policy: Mapping[str, Any]) -> Service:
    service = Service(policy["name"], policy.get("hosts") or [])
    if known is not None:
        service.endpoints = known.endpoints
    return service


class Instead:
    """What is given in the service's place."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.tier: str = told["tier"]
        self.body = json.dumps(told["value"]).encode()
        self.headers = {"content-type": "application/json", "content-length": str(len(self.body)), TIER_HEADER: self.tier}


_open: weakref.WeakSet[Call] = weakref.WeakSet()


def _end_all() -> None:
    for call in list(_open):
        call.end()


class Call:
    """Under way. Ended once, by whoever comes first; one that nobody ends is ended with itself."""

    def __init__(self, service: Service, method: str, verdict: Mapping[str, Any], has_key: bool = True) -> None:
        self.service = service
        self.method = method
        self.has_key = has_key
        self.id: str = verdict["callId"]
        self.instead = Instead(verdict["instead"]) if verdict["do"] == "use" and verdict.get("instead") else None
        self.is_refused = verdict["do"] == "refused"
        self.reason: str = verdict.get("reason") or f"{service.name} has failed too often of late and was not called."
        after = verdict.get("retryAfterMs")
        self.retry_after: float | None = None if after is None else after / 1000
        self.begun = time.monotonic()
        self.latency: int | None = None
        self.is_over = verdict["do"] != "call"
        self.is_answered = False

    def answered(self, status: int, headers: Mapping[str, str]) -> Instead | None:
        """The head of an answer is here. What comes back is given in its place; where nothing does, `body` or `end` is to follow."""
        self.latency = _ms(time.monotonic() - self.begun)
        if status >= 500 or status in _FAILURES:
            return self._failed(str(status), retry_after_ms(headers.get("retry-after")))
        if status >= 400:
            self._end("callers-fault", str(status))
        elif not self._is_kept(status, headers):
            self._end("ok")
        else:
            self.is_answered = True
            _open.add(self)
        return None

    def _is_kept(self, status: int, headers: Mapping[str, str]) -> bool:
        if not self.has_key or self.method not in _KEPT_METHODS or status != 200:
            return False
        kind = (headers.get("content-type") or "").partition(";")[0].strip().lower()
        length = headers.get("content-length") or ""
        return (kind == "application/json" or kind.endswith("+json")) and not (length.isdigit() and int(length) > LARGEST_KEPT)

    @property
    def wants_body(self) -> bool:
        return self.is_answered and not self.is_over

    def body(self, body: bytes | bytearray | str | None) -> None:
        """The whole answer, as the agent gets it."""
        if not self.wants_body:
            return
        try:
            if body is None or len(body) > LARGEST_KEPT:
                raise ValueError
            value = json.loads(body, parse_int=_exact, parse_constant=_exact)
            if _depth(value) > _DEEPEST:
                raise ValueError
        except (ValueError, RecursionError):
            self.end()
        else:
            self._end("ok", value=value)

    def end(self) -> None:
        """Nothing more is to be told of it."""
        self._end("ok" if self.is_answered else "cancelled")

    def failed(self, problem: BaseException, is_callers_fault: bool = False) -> Instead | None:
        name = type(problem).__name__
        if not isinstance(problem, Exception):
            # Whoever is cancelled or interrupted says nothing of the service.
            self._end("cancelled", name)
            return None
        if is_callers_fault:
            self._end("callers-fault", name)
            return None
        return self._failed(name, None)

    def _failed(self, detail: str, retry_after: int | None) -> Instead | None:
        answer = self._end("failed", detail, retry_after)
        told = answer.get("instead") if answer else None
        return Instead(told) if told and told.get("tier") != "failed" else None

    def _end(self, outcome: str, detail: str | None = None, retry_after: int | None = None, **value: Any) -> dict[str, Any] | None:
        if self.is_over:
            return None
        self.is_over = True
        latency = self.latency if self.latency is not None else _ms(time.monotonic() - self.begun)
        told = {"callId": self.id, "outcome": outcome, "detail": detail, "retryAfterMs": retry_after, "latencyMs": latency, **value}
        if outcome == "failed":
            return run.ask("service.end", told)
        run.tell("service.end", told)
        return None

    def __del__(self) -> None:
        try:
            self.end()
        except Exception:
            pass


def begin(service: Service, host: str, port: int, method: str, path: str, body: object = None) -> Call | None:
    """None where nobody answers: the call goes as it would without us."""
    method = method.upper()
    key = _key(method, f"{host}:{port}", path, body)
    verdict = run.ask("service.begin", {"service": service.name, "endpoint": service.endpoint(path), "key": key})
    if verdict is None:
        return None
    before_end(_end_all)
    count(host, port, "breaker")
    return Call(service, method, verdict, key["hash"] is not None)


def _key(method: str, host: str, path: str, body: object) -> dict[str, str | None]:
    """The same question has the same key, whatever the order of its parameters. Keys are kept, so nothing can be read in them."""
    address, _, query = path.partition("?")
    content = _bytes(body)
    if content is None:
        # It cannot be known what it asks for without using it up.
        return {"method": method, "hash": None}
    asked = b"\n".join([method.encode(), host.encode(), address.encode(), "&".join(sorted(query.split("&"))).encode(), content])
    return {"method": method, "hash": sha256(asked).hexdigest()}


def _bytes(body: object) -> bytes | None:
    if body is None:
        return b""
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogatepass")
    return bytes(body) if isinstance(body, bytes | bytearray) and len(body) <= _LARGEST_HASHED else None


def _exact(text: str) -> int:
    """Numbers that others would round are not kept, and neither is what is no JSON."""
    number = int(text)
    if abs(number) > _LARGEST_EXACT:
        raise ValueError(text)
    return number


def _depth(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def retry_after_ms(value: str | None) -> int | None:
    if not value:
        return None
    value = value.strip()
    if value.isdigit():
        return min(int(value), 10**9) * 1000
    from email.utils import parsedate_to_datetime

    try:
        return _ms(parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def circuit_open(call: Call) -> Exception | None:
    """What the library's own exception is made from."""
    try:
        from iron_cage.errors import CircuitOpen

        return CircuitOpen(call.service.name, call.retry_after, message=call.reason)
    except Exception:
        return None
