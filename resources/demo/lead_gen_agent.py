"""Qualifies a hundred invented leads: looks each company up, asks a model for a score, and begins a letter to the good ones.

Needs nothing but Python and the control room: answers of the model and of LinkedIn are simulated on this machine.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
import time
from pathlib import Path
from textwrap import shorten
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from iron_cage import AgentRuntime, cached, placeholder
from simulated_linkedin import SimulatedLinkedIn

LEADS = Path(__file__).with_name("leads.csv")
# So that a room full of people can follow.
SECONDS_PER_LEAD = 1.1
MODEL = "gpt-4"
# From these points on a lead gets a letter.
GOOD = 7
TASK = (
    "You qualify sales leads for a maker of heat pumps. Weigh the person's role, the size and the industry of the company "
    "and how the lead came to us. A good lead can decide, and has a large building to heat through the winter."
)


def ask(question: str, most_tokens: int) -> str:
    body = {"model": MODEL, "max_tokens": most_tokens, "messages": [{"role": "system", "content": TASK}, {"role": "user", "content": question}]}
    address = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1").rstrip("/")
    headers = {"authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', '')}", "content-type": "application/json"}
    # The room may hold a call until somebody has approved a larger budget.
    with urlopen(Request(f"{address}/chat/completions", json.dumps(body).encode(), headers), timeout=900) as answer:
        return str(json.load(answer)["choices"][0]["message"]["content"])


def score(lead: dict[str, str], profile: dict[str, Any]) -> int:
    found = re.search(
        r"\d+",
        ask(
            f"Lead: {lead['name']}, {lead['role']} at {lead['company']} in {lead['city']}. "
            f"Industry: {profile['industry']}. Employees: {profile['employees']}. Note: {lead['note']}. "
            "How good is this lead on a scale of 1 to 10?",
            most_tokens=10,
        ),
    )
    return int(found.group()) if found else 0


def opening(lead: dict[str, str]) -> str:
    letter = ask(f"Write a short letter to {lead['name']}, {lead['role']} at {lead['company']}.", most_tokens=60)
    return shorten(max(letter.splitlines(), key=len, default=""), width=96, placeholder="…")


def main() -> None:
    with LEADS.open(newline="", encoding="utf-8") as file:
        leads = list(csv.DictReader(file))
    good = 0
    with SimulatedLinkedIn() as linkedin, AgentRuntime(budget=None, name="lead generation") as runtime:

        @runtime.service("linkedin", fallback=[cached(), placeholder({"industry": "unknown", "employees": "unknown"})], price=0.10)
        def company_profile(company: str) -> Any:
            with urlopen(f"{linkedin.address}/companies/{quote(company)}", timeout=10) as answer:
                return json.load(answer)

        print(f"{len(leads)} leads from {LEADS.name}", flush=True)
        runtime.progress(0, len(leads), unit="lead")
        for number, lead in enumerate(leads, 1):
            began = time.monotonic()
            found = company_profile.answer(lead["company"])
            points = score(lead, found.value)
            source = "" if found.tier == "primary" else f"  ({found.tier})"
            print(f"{number:3d}  {points:2d}/10  {lead['name']}, {lead['company']}: {lead['note']}{source}", flush=True)
            if points >= GOOD:
                good += 1
                print(f"            {opening(lead)}", flush=True)
            next_name = "" if number == len(leads) else f"qualifying {leads[number]['name']}"
            runtime.progress(number, len(leads), unit="lead", latency=time.monotonic() - began, step=next_name)
            time.sleep(max(0.0, SECONDS_PER_LEAD - (time.monotonic() - began)))
        print(f"Done: {good} of {len(leads)} are worth a call.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
