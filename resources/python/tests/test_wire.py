from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from bridge import Bridge, HangUp, Refuse

from iron_cage._wire import Wire
from iron_cage.errors import CircuitOpen, IronCageError, NotAllowed, RuntimeUnavailable


@pytest.fixture
def wire(bridge: Bridge) -> Wire:
    bridge.answers["echo"] = lambda given: given
    return Wire(bridge.place, "token")


def test_says_hello_first_and_gets_answers(bridge: Bridge, wire: Wire) -> None:
    assert wire.ask("echo", {"a": "ü\n"}) == {"a": "ü\n"}
    assert wire.agent_id == "sp-00000001"
    (hello,) = bridge.hellos
    assert hello["protocol"] == 1 and hello["pid"] == os.getpid() and hello["handles"] == {"signal": False, "secrets": False}


@pytest.mark.parametrize(
    ("code", "details", "kind"),
    [
        ("FORBIDDEN", None, NotAllowed),
        ("UNAVAILABLE", None, RuntimeUnavailable),
        ("CONFLICT", {"iron_cage": {"code": "CIRCUIT_OPEN", "service": "linkedin", "retryAfterMs": 1500}}, CircuitOpen),
    ],
)
def test_a_refusal_is_the_right_exception(bridge: Bridge, wire: Wire, code: str, details: object, kind: type[IronCageError]) -> None:
    def refuse(_given: object) -> None:
        raise Refuse(code, "It may not be.", details)

    bridge.answers["no"] = refuse
    with pytest.raises(kind, match="It may not be.") as caught:
        wire.ask("no", {})
    if isinstance(caught.value, CircuitOpen):
        assert (caught.value.service, caught.value.retry_after) == ("linkedin", 1.5)


def test_threads_get_their_own_answers(bridge: Bridge, wire: Wire) -> None:
    wrong: list[object] = []

    def ask(number: int) -> None:
        for turn in range(100):
            if wire.ask("echo", {"n": number, "t": turn}) != {"n": number, "t": turn}:
                wrong.append((number, turn))
            wire.tell("count", {"n": number})

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == [] and not any(thread.is_alive() for thread in threads)
    assert len(bridge.wait("count", 800)) == 800
    assert len(bridge.hellos) == 1


def test_an_answer_that_does_not_come_is_not_waited_for_and_harms_no_other(bridge: Bridge, wire: Wire) -> None:
    bridge.answers["hang"] = lambda _given: None
    with pytest.raises(RuntimeUnavailable, match="without an answer"):
        wire.ask("hang", {}, timeout=0.05)
    assert wire.ask("echo", {"after": 1}) == {"after": 1}


def test_what_is_told_arrives_before_what_is_asked_next(bridge: Bridge, wire: Wire) -> None:
    wire.tell("first", {})
    wire.ask("echo", {})
    assert bridge.commands() == ["first", "echo"]


def test_comes_back_after_the_connection_was_cut(bridge: Bridge, wire: Wire) -> None:
    wire.ask("echo", {})
    bridge.cut()
    assert wire.ask("echo", {"again": True}, is_repeatable=True) == {"again": True}
    assert len(bridge.hellos) == 2


def test_a_question_whose_connection_ends_is_asked_again_only_where_that_is_harmless(bridge: Bridge, wire: Wire) -> None:
    calls: list[object] = []

    def fail_once(given: object) -> object:
        calls.append(given)
        if len(calls) % 2:
            raise HangUp
        return {"ok": True}

    bridge.answers["save"] = fail_once
    assert wire.ask("save", {}, is_repeatable=True) == {"ok": True}
    with pytest.raises(RuntimeUnavailable):
        wire.ask("save", {})
    assert len(calls) == 3


def test_says_why_it_was_sent_away_and_does_not_come_back_at_once(bridge: Bridge, wire: Wire) -> None:
    bridge.is_welcoming = False
    for _ in range(3):
        with pytest.raises(RuntimeUnavailable, match="The run is over."):
            wire.ask("echo", {})
    assert len(bridge.hellos) == 1


def test_without_a_room_nothing_blocks_and_what_is_dropped_is_counted(tmp_path: object) -> None:
    wire = Wire(f"{tmp_path}/nobody", "token")
    with pytest.raises(RuntimeUnavailable, match="Nobody listens"):
        wire.ask("echo", {})
    told = sum(wire.tell("x", {}) for _ in range(10_100))
    assert told == 10_000 and wire.dropped == 100
    assert not wire.flush(0.05)


def test_a_room_that_reads_slowly_gets_everything_and_hears_what_was_dropped(bridge: Bridge, wire: Wire) -> None:
    reading = threading.Event()
    bridge.answers["wait"] = lambda _given: {} if reading.wait(10) else None
    waiter = threading.Thread(target=wire.ask, args=["wait", {}])
    waiter.start()
    bridge.wait("wait")
    text = "x" * 1000
    arrived = sum(wire.tell("told", {"text": text}) for _ in range(12_000))
    assert 10_000 <= arrived < 12_000 and wire.dropped == 12_000 - arrived
    reading.set()
    waiter.join(10)
    bridge.wait("told", arrived)
    assert wire.flush()


def test_refuses_what_is_too_large_or_no_json(wire: Wire) -> None:
    with pytest.raises(IronCageError, match="at most 1048576 bytes"):
        wire.ask("echo", {"text": "x" * 2**20})
    with pytest.raises(TypeError, match="plain JSON"):
        wire.tell("echo", {"value": object()})
    with pytest.raises(TypeError, match="plain JSON"):
        wire.tell("echo", {"value": float("nan")})
    assert wire.ask("echo", {}) == {}


def test_a_child_has_a_connection_of_its_own(bridge: Bridge, wire: Wire) -> None:
    wire.ask("echo", {})
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if wire.ask("echo", {"from": "child"}) == {"from": "child"} else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert wire.ask("echo", {"from": "parent"}) == {"from": "parent"}
    assert [hello["pid"] for hello in bridge.hellos] == [os.getpid(), child]


def test_a_signals_handler_may_ask_in_the_midst_of_a_question(bridge: Bridge, wire: Wire) -> None:
    answers: list[object] = []
    release = threading.Event()

    def slow(_given: object) -> object:
        os.kill(os.getpid(), signal.SIGUSR2)
        release.wait(10)
        return {"slow": True}

    def handler(_number: int, _frame: object) -> None:
        answers.append(wire.ask("echo", {"handler": True}, timeout=5))
        wire.tell("from handler", {})
        release.set()

    bridge.answers["slow"] = slow
    before = signal.signal(signal.SIGUSR2, handler)
    try:
        assert wire.ask("slow", {}) == {"slow": True}
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert answers == [{"handler": True}]
    wire.ask("echo", {})
    bridge.wait("from handler")


def test_an_interrupted_question_leaves_the_wire_fit(bridge: Bridge, wire: Wire) -> None:
    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    bridge.answers["hang"] = lambda _given: os.kill(os.getpid(), signal.SIGUSR2)
    before = signal.signal(signal.SIGUSR2, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            wire.ask("hang", {})
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert wire.ask("echo", {"fit": 1}) == {"fit": 1}


def test_survives_a_program_that_closes_every_descriptor(bridge: Bridge, wire: Wire, tmp_path: object) -> None:
    wire.ask("echo", {})
    child = os.fork()
    if child == 0:
        try:
            wire.ask("echo", {})
            os.closerange(100, 2000)
            descriptors = [os.open(f"{tmp_path}/file{number}", os.O_CREAT | os.O_RDWR) for number in range(150)]
            ours = wire.ask("echo", {"closed": 1}, is_repeatable=True) == {"closed": 1}
            untouched = all(os.fstat(one).st_size == 0 for one in descriptors)
            os._exit(0 if ours and untouched else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_hears_that_the_room_wants_it_to_end(bridge: Bridge) -> None:
    reasons: list[str] = []
    heard = threading.Event()
    wire = Wire(bridge.place, "token", on_stop=lambda reason: (reasons.append(reason), heard.set())[1])
    thread = threading.Thread(target=wire.listen, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not bridge.hellos and time.monotonic() < deadline:
        time.sleep(0.005)
    bridge.say({"kind": "stop", "reason": "Enough."})
    assert heard.wait(10) and reasons == ["Enough."]
    bridge.cut()
    thread.join(10)
    assert not thread.is_alive()


def test_at_exit_what_was_told_is_sent(bridge: Bridge, wire: Wire) -> None:
    wire.tell("last words", {})
    wire.close()
    bridge.wait("last words")
    with pytest.raises(RuntimeUnavailable, match="closed"):
        wire.ask("echo", {})
