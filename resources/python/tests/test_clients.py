"""The refusals of the real gateway, as the clients of providers raise them."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import TestRoom

pytestmark = pytest.mark.room

ASK = {
    "openai": """
from openai import OpenAI
def ask(text, **more):
    client = OpenAI(max_retries=0)
    return client.chat.completions.create(model="gpt-4", max_tokens=200, messages=[{"role": "user", "content": text}], **more)
""",
    "anthropic": """
from anthropic import Anthropic
def ask(text, **more):
    client = Anthropic(max_retries=0)
    return client.messages.create(model="claude-3-opus-20240229", max_tokens=200, messages=[{"role": "user", "content": text}], **more)
""",
    "httpx": """
import httpx, os
def ask(text, **more):
    body = {"model": "gpt-4", "max_tokens": 200, "messages": [{"role": "user", "content": text}], **more}
    return httpx.post(os.environ["OPENAI_BASE_URL"] + "/chat/completions", json=body).raise_for_status()
""",
    "requests": """
import requests, os
def ask(text, **more):
    body = {"model": "gpt-4", "max_tokens": 200, "messages": [{"role": "user", "content": text}], **more}
    requests.post(os.environ["OPENAI_BASE_URL"] + "/chat/completions", json=body).raise_for_status()
""",
}
REFUSED = """
import json
import iron_cage

def caught(**options):
    try:
        with iron_cage.AgentRuntime(**options):
            ask("My number is 536-90-4399", **more)
    except iron_cage.IronCageError as problem:
        return problem

more = {}
budget = caught(budget=0.0005)
private = caught(pii_detection="block")
print(json.dumps([type(budget).__name__, budget.limit, budget.spent, budget.requested, type(private).__name__, private.types,
                  type(budget.__cause__).__module__.partition(".")[0]]))
"""


@pytest.mark.parametrize("client", sorted(ASK))
def test_a_refusal_is_ours_at_the_edge_of_the_block(room: TestRoom, client: str) -> None:
    if find_spec(client) is None:
        pytest.skip(f"{client} is not installed here")
    budget, limit, spent, requested, private, types, cause = json.loads(room.python(ASK[client] + REFUSED))
    assert (budget, limit, spent, private, types) == ("BudgetExceeded", 0.0005, 0, "PIIBlocked", ["ssn"])
    assert requested > limit and cause == client
