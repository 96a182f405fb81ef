"""Services that are asked more than once for one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bridge import Bridge

import iron_cage
from iron_cage import AgentRuntime, CircuitOpen, PIIBlocked, cached, placeholder
from iron_cage._link import Link
from iron_cage._services import Service

KEPT = {"tier": "cached", "value": "kept", "ageMs": 1500}


class HttpError(Exception):
    def __init__(self, status: int, **headers: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status_code = status
        self.headers = headers


class Room:
    """What the other end of the wire decides: of each attempt in turn, calls where nothing else is said."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.verdicts: dict[int, dict[str, Any]] = {}
        self.endings: dict[int, dict[str, Any]] = {}
        bridge.answers["service.begin"] = self._begin
        bridge.answers["service.end"] = lambda _given: {"instead": None, "isOpen": False, **self.endings.get(self.begun, {})}

    @property
    def begun(self) -> int:
        return len(self.bridge.inputs("service.begin"))

    @property
    def ends(self) -> list[tuple[str, str, bool]]:
        return [(one["callId"][-1], one["outcome"], one.get("again", False)) for one in self.bridge.inputs("service.end")]

    def _begin(self, _given: dict[str, Any]) -> dict[str, Any]:
        usual = {"do": "call", "isProbe": False, "instead": None, "retryAfterMs": None, "reason": None}
        return {"callId": f"svc-{self.begun:016x}", **usual, **self.verdicts.get(self.begun, {})}


@pytest.fixture
def room(bridge: Bridge) -> Room:
    return Room(bridge)


@pytest.fixture
def runtime(room: Room) -> Iterator[AgentRuntime]:
    with AgentRuntime(budget=1) as runtime:
        yield runtime


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was to be waited; nobody waits."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("time.sleep", slept.append)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return slept


Ask = Callable[[], Any]


def plain(service: Service, answers: Iterator[Any]) -> Ask:
    @service
    def profile() -> Any:
        answer = next(answers)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return lambda: profile.answer()


def awaited(service: Service, answers: Iterator[Any]) -> Ask:
    @service
    async def profile() -> Any:
        answer = next(answers)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def main() -> Any:
        return await profile.answer()

    return lambda: asyncio.run(main())


both = pytest.mark.parametrize("made", [plain, awaited])
Made = Callable[[Service, Iterator[Any]], Ask]


def down(count: int) -> list[Any]:
    return [ConnectionError(f"no way {number}") for number in range(1, count + 1)]


@both
def test_it_is_asked_again_until_it_answers(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    ask = made(runtime.service("linkedin", attempts=5, key={"name": "Ada"}), iter([*down(2), "Ada", "never"]))
    answer = ask()
    assert (answer.value, answer.tier, answer.reason) == ("Ada", "primary", None)
    assert [given["key"] for given in room.bridge.inputs("service.begin")] == [{"name": "Ada"}] * 3
    room.bridge.wait("service.end", 3)
    assert room.ends == [("1", "failed", True), ("2", "failed", True), ("3", "ok", False)]
    assert pauses == [0.5, 1.0]


@both
def test_the_last_attempt_falls_back(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    room.endings[3] = {"instead": KEPT, "isOpen": True}
    ask = made(runtime.service("linkedin", fallback=[cached()], attempts=3, backoff=0.1), iter(down(4)))
    answer = ask()
    assert (answer.value, answer.tier, answer.reason) == ("kept", "cached", "linkedin failed: ConnectionError.")
    assert room.ends == [("1", "failed", True), ("2", "failed", True), ("3", "failed", False)]
    assert pauses == [0.1, 0.2]


@both
def test_a_function_of_ones_own_answers_once(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    ask = made(runtime.service("linkedin", fallback=[lambda: "elsewhere"], attempts=3), iter(down(3)))
    assert ask().tier == "custom"
    assert room.bridge.wait("service.served") == [{"callId": "svc-0000000000000003", "tier": "custom"}]


@both
def test_with_nothing_behind_it_the_last_failure_is_raised(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    with pytest.raises(ConnectionError, match="no way 3"):
        made(runtime.service("linkedin", attempts=3), iter(down(3)))()
    assert [one["tier"] for one in room.bridge.wait("service.served")] == ["failed"]


@both
def test_an_attempt_that_is_kept_away_is_the_last(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    room.verdicts[2] = {"do": "use", "instead": KEPT, "retryAfterMs": 9000, "reason": "linkedin is open."}
    answers = iter(down(5))
    answer = made(runtime.service("linkedin", fallback=[cached()], attempts=5), answers)()
    assert (answer.value, answer.tier, answer.age, answer.reason) == ("kept", "cached", 1.5, "linkedin is open.")
    assert (room.begun, len(room.ends), len(list(answers)), pauses) == (2, 1, 4, [0.5])


@both
def test_nobody_waits_where_the_breaker_is_open(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    room.endings[1] = {"isOpen": True}
    room.verdicts[2] = {"do": "use", "instead": KEPT, "retryAfterMs": 9000, "reason": "linkedin is open."}
    problem = HttpError(429, **{"retry-after": "20"})
    answer = made(runtime.service("linkedin", fallback=[cached()], attempts=5), iter([problem]))()
    assert (answer.tier, room.ends, pauses) == ("cached", [("1", "failed", True)], [0.0])


@both
def test_kept_away_with_nothing_behind_it(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    for attempt in (2, 4):
        room.verdicts[attempt] = {"do": "refused", "retryAfterMs": 9000, "reason": "linkedin is open."}
    with pytest.raises(CircuitOpen, match="linkedin is open") as caught:
        made(runtime.service("linkedin", attempts=5), iter(down(1)))()
    assert (str(caught.value.__context__), caught.value.retry_after) == ("no way 1", 9.0)
    answer = made(runtime.service("linkedin", fallback=[lambda: "elsewhere"], attempts=5), iter(down(1)))()
    assert (answer.value, answer.tier) == ("elsewhere", "custom")
    assert [one["callId"][-1] for one in room.bridge.wait("service.served", 2)] == ["2", "4"]


@both
def test_a_retry_after_is_waited_for_half_a_minute_at_most(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    asked = ["7", "90", "0"]
    problems = [HttpError(429, **{"retry-after": seconds}) for seconds in asked]
    assert made(runtime.service("linkedin", attempts=4), iter([*problems, "Ada"]))().value == "Ada"
    assert pauses == [7.0, 30.0, 2.0]
    room.bridge.wait("service.end", 4)
    assert [one.get("retryAfterMs") for one in room.bridge.inputs("service.end")] == [7000, 90_000, 0, None]


@both
def test_pauses_double_up_to_half_a_minute(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    with pytest.raises(ConnectionError):
        made(runtime.service("linkedin", attempts=6, backoff=5), iter(down(6)))()
    assert pauses == [5, 10, 20, 30, 30]


@both
@pytest.mark.parametrize(
    "problem",
    [HttpError(404), TypeError("ours"), PIIBlocked(["ssn"]), KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()],
    ids=repr,
)
def test_what_is_no_failure_is_not_repeated(
    room: Room, runtime: AgentRuntime, pauses: list[float], made: Made, problem: BaseException
) -> None:
    with pytest.raises(type(problem)):
        made(runtime.service("linkedin", fallback=[placeholder(1)], attempts=5), iter([problem, "never"]))()
    room.bridge.wait("service.end")
    assert (room.begun, room.ends[0][2], pauses) == (1, False, [])


@both
def test_a_program_says_what_is_repeated_but_of_our_refusals(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    service = runtime.service("linkedin", attempts=2, is_failure=lambda _problem: True)
    assert made(service, iter([KeyError("x"), "Ada"]))().value == "Ada"
    with pytest.raises(PIIBlocked):
        made(service, iter([PIIBlocked(["ssn"]), "never"]))()
    assert (room.begun, pauses) == (3, [0.5])


def test_an_interruption_in_a_pause_ends_it(room: Room, runtime: AgentRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        plain(runtime.service("linkedin", fallback=[placeholder(1)], attempts=5), iter(down(5)))()
    assert (room.begun, room.ends) == (1, [("1", "failed", True)])


def test_a_cancellation_in_a_pause_ends_it(room: Room, runtime: AgentRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        is_waiting = asyncio.Event()

        async def sleep(_seconds: float) -> None:
            is_waiting.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(asyncio, "sleep", sleep)

        @runtime.service("linkedin", fallback=[placeholder(1)], attempts=5)
        async def profile() -> str:
            raise ConnectionError

        task = asyncio.ensure_future(profile())
        await is_waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert (room.begun, room.ends) == (1, [("1", "failed", True)])


@both
def test_nothing_is_asked_after_the_end_of_the_block(
    room: Room, runtime: AgentRuntime, monkeypatch: pytest.MonkeyPatch, made: Made
) -> None:
    def close(_link: Link, _seconds: float) -> None:
        runtime.__exit__(None, None, None)

    async def close_async(link: Link, seconds: float) -> None:
        close(link, seconds)

    monkeypatch.setattr(Link, "sleep", close)
    monkeypatch.setattr(Link, "sleep_async", close_async)
    answers = iter(down(5))
    answer = made(runtime.service("linkedin", fallback=[cached(), placeholder("nothing")], attempts=5), answers)()
    assert (answer.value, answer.tier, room.begun, len(list(answers))) == ("nothing", "placeholder", 1, 4)


def test_an_attempt_during_which_the_block_ends_is_the_last(room: Room, runtime: AgentRuntime, pauses: list[float]) -> None:
    @runtime.service("linkedin", attempts=5)
    def profile() -> None:
        runtime.__exit__(None, None, None)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        profile()
    assert (room.begun, room.ends, pauses) == (1, [("1", "failed", False)], [])


@both
def test_a_room_that_is_gone_ends_no_attempts(room: Room, runtime: AgentRuntime, pauses: list[float], made: Made) -> None:
    room.bridge.answers["service.end"] = lambda _given: room.bridge.close()
    ask = made(runtime.service("linkedin", fallback=[placeholder("nothing")], attempts=3), iter([*down(2), "Ada", *down(3)]))
    assert [ask().tier for _ in range(2)] == ["primary", "placeholder"]
    assert pauses == [0.5, 1.0] * 2


@both
def test_outside_of_all_blocks_it_is_asked_again_too(pauses: list[float], made: Made) -> None:
    ask = made(iron_cage.service("linkedin", fallback=[placeholder("nothing")], attempts=2, backoff=0), iter([*down(1), "Ada", *down(2)]))
    assert [ask().tier for _ in range(2)] == ["primary", "placeholder"]
    assert pauses == [0, 0]


def test_the_body_of_a_with_cannot_be_repeated(room: Room, runtime: AgentRuntime) -> None:
    sentence = "linkedin has attempts=2, but the body of a `with` runs only once; decorate a function instead."
    with pytest.raises(ValueError) as raised, runtime.service("linkedin", attempts=2):
        raise AssertionError
    assert str(raised.value) == sentence

    async def main() -> None:
        async with runtime.service("linkedin", attempts=2):
            raise AssertionError

    with pytest.raises(ValueError) as raised:
        asyncio.run(main())
    assert (str(raised.value), room.begun) == (sentence, 0)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"attempts": 0}, "attempts was 0; expected a whole number from 1 to 100."),
        ({"attempts": 101}, "attempts was 101; expected a whole number from 1 to 100."),
        ({"attempts": 2.0}, "attempts was 2.0; expected a whole number from 1 to 100."),
        ({"attempts": True}, "attempts was True; expected a whole number from 1 to 100."),
        ({"attempts": None}, "attempts was None; expected a whole number from 1 to 100."),
        ({"backoff": -0.1}, "backoff was -0.1; expected seconds from 0 to 30."),
        ({"backoff": 31}, "backoff was 31; expected seconds from 0 to 30."),
        ({"backoff": float("nan")}, "backoff was nan; expected seconds from 0 to 30."),
        ({"backoff": None}, "backoff was None; expected seconds from 0 to 30."),
        ({"backoff": "1s"}, "backoff was '1s'; expected seconds from 0 to 30."),
    ],
)
def test_what_is_mistyped_is_said_where_it_is_typed(given: Any, sentence: str) -> None:
    for service in (iron_cage.service, AgentRuntime(budget=1).service):
        with pytest.raises(ValueError) as raised:
            service("linkedin", **given)
        assert str(raised.value) == sentence
