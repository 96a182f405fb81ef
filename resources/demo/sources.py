"""LinkedIn and Clearbit, or what stands in for them: the addresses and the keys come from the environment."""

from __future__ import annotations

import json
import os
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from iron_cage import CircuitOpen, cached
from lead_files import WRONG_INPUT, CannotGoOn

if TYPE_CHECKING:
    from iron_cage import AgentRuntime
    from pace import Pace

_TIMEOUT = 30.0
_ATTEMPTS = 5
_BACKOFF = 0.5
# What was kept last week will do.
_LONGEST_KEPT = 30 * 86_400.0
_ADDRESSES = ("LINKEDIN_API_URL", "CLEARBIT_API_URL")


def expect_addresses() -> None:
    missing = [name for name in _ADDRESSES if not os.environ.get(name)]
    if missing:
        raise CannotGoOn(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set: run `iron_cage demo`, which brings services of "
            "its own, or set LINKEDIN_API_URL and CLEARBIT_API_URL (with LINKEDIN_API_KEY and CLEARBIT_API_KEY) for the real ones.",
            WRONG_INPUT,
        )


class Found(NamedTuple):
    #: None where nothing is known.
    value: Any
    #: primary, cached, or none
    source: str
    #: Whether the service itself did not answer, and why not.
    is_away: bool
    reason: str


class Sources:
    def __init__(self, runtime: AgentRuntime, pace: Pace) -> None:
        self._runtime = runtime
        self._pace = pace

    def person(self, name: str, company: str) -> Found:
        linkedin = self._runtime.service(
            "linkedin",
            fallback=[cached(max_age=_LONGEST_KEPT)],
            price=0.10,
            attempts=_ATTEMPTS,
            backoff=_BACKOFF / self._pace.divisor,
            key={"name": name, "company": company},
        )
        fetch = linkedin(lambda: _get("LINKEDIN", "/v2/people", {"name": name, "company": company}))
        try:
            answer = fetch.answer()
        except Exception as problem:
            if not is_of_service(problem):
                raise
            # It answered that there is nobody of that name, or does not like the question.
            is_away = not (isinstance(problem, HTTPError) and 400 <= problem.code < 500 and problem.code not in (408, 425, 429))
            return Found(None, "none", is_away, str(problem))
        return Found(answer.value, answer.tier, answer.is_fallback, answer.reason or "")

    def company(self, domain: str) -> dict[str, Any]:
        """What Clearbit knows; raises what went wrong."""
        clearbit = self._runtime.service("clearbit", price=0.05, key={"domain": domain})
        fetch = clearbit(lambda: _get("CLEARBIT", "/v2/companies/find", {"domain": domain}))
        found: dict[str, Any] = fetch()
        return found


def is_of_service(problem: Exception) -> bool:
    """Of what Iron Cage refuses, only a breaker's refusal speaks of the service; everything else is the agent's end."""
    return isinstance(problem, CircuitOpen | OSError | ValueError | HTTPException)


def _get(service: str, path: str, query: dict[str, str]) -> Any:
    key = os.environ.get(f"{service}_API_KEY")
    headers = {"accept": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
    address = f"{os.environ[f'{service}_API_URL'].rstrip('/')}{path}?{urlencode(query)}"
    with urlopen(Request(address, headers=headers), timeout=_TIMEOUT) as answer:
        return json.load(answer)
