"""Numbers that the room, which is JavaScript, reads as others: the bridge of these tests rounds as it does."""

from __future__ import annotations

import pytest
from bridge import Bridge

import iron_cage
from iron_cage import AgentRuntime, cached

POST = 1234567890123456789


def test_a_tool_is_used_with_the_number_that_it_was_called_with(bridge: Bridge) -> None:
    bridge.answers["tool.begin"] = lambda given: {"isAllowed": True, "reason": None, "input": given["input"]}
    bridge.answers["tool.end"] = lambda given: {"output": given["output"]}
    with AgentRuntime():

        @iron_cage.tool
        def get_post(post: int, *more: object) -> object:
            return [post, *more]

        assert get_post(POST, {"of": -POST, "small": 2**53 - 1}, 10**30, 0.1) == [POST, {"of": -POST, "small": 2**53 - 1}, 10**30, 0.1]
        # Beyond what JavaScript has a number for, there is none that it could be told.
        assert get_post(10**400, 10**5000) == [10**400, 10**5000]


def test_what_the_room_has_changed_beside_a_number_is_changed(bridge: Bridge) -> None:
    bridge.answers["tool.begin"] = lambda given: {
        "isAllowed": True,
        "reason": None,
        "input": {"post": {**given["input"]["post"], "by": "[EMAIL]"}},
    }
    bridge.answers["tool.end"] = lambda given: {"output": given["output"]}
    bridge.answers["output.check"] = lambda given: {
        "value": [given["value"][0], "[EMAIL]"],
        "isBlocked": False,
        "types": [],
        "reason": None,
    }
    with AgentRuntime() as runtime:

        @runtime.tool
        def show(post: dict[str, object]) -> object:
            return post

        assert show({"id": POST, "by": "ada@example.com"}) == {"id": POST, "by": "[EMAIL]"}
        assert runtime.check([POST, "ada@example.com"]) == [POST, "[EMAIL]"]


def test_a_checkpoint_comes_back_to_the_digit(bridge: Bridge) -> None:
    kept: list[object] = []
    bridge.answers["checkpoint.save"] = lambda given: (kept.append(given["document"]), {"savedAt": 1, "bytes": 1})[1]
    bridge.answers["checkpoint.load"] = lambda _given: {"document": kept[-1], "savedAt": 1}
    with AgentRuntime() as runtime:
        for document in ({"last": POST, "all": [-POST, (1, 2**60), 10**40, True, 2**53 - 1]}, -(10**400), {"a": {"b": 1.5}}):
            runtime.checkpoint.save(document)
            as_json = (
                {"last": POST, "all": [-POST, [1, 2**60], 10**40, True, 2**53 - 1]}
                if isinstance(document, dict) and "all" in document
                else document
            )
            assert runtime.checkpoint.load() == as_json
        assert kept[-1] == {"a": {"b": 1.5}}


@pytest.mark.parametrize("other", [POST + 1, POST - 1])
def test_questions_that_differ_in_a_digit_are_two(bridge: Bridge, other: int) -> None:
    bridge.answers["service.begin"] = lambda _given: {
        "callId": "svc-0000000000000001", "do": "call", "isProbe": False, "instead": None, "retryAfterMs": None, "reason": None,
    }  # fmt: skip
    bridge.answers["service.end"] = lambda _given: {"instead": None}
    with AgentRuntime(budget=1) as runtime:

        @runtime.service("posts", fallback=[cached()])
        def get_post(post: int) -> dict[str, int]:
            return {"likes": 3} if post == other else {"id": post}

        get_post(POST)
        get_post(other)
        ends = bridge.wait("service.end", 2)
    first, second = (given["key"] for given in bridge.inputs("service.begin"))
    assert first != second
    # An answer that would come back rounded is not kept.
    assert "value" not in ends[0] and ends[1]["value"] == {"likes": 3}
