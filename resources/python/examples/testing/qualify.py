# The agent that test_qualify.py tests: a service that may be down, a model that costs money, and notes that may be private.
# Run it: iron_cage start examples/testing/qualify.py

from dataclasses import dataclass

from openai import OpenAI

import iron_cage
from iron_cage import placeholder, protect_agent, require_runtime


@dataclass
class Lead:
    company: str
    employees: int | None = None
    verdict: str = ""


def ask_register(company: str) -> int | None:
    """Stands in for a request to a register of companies."""
    return {"Alder Works": 40, "Nordlicht Energy": 900}.get(company)


@iron_cage.service("register", fallback=[placeholder(None)])
def employees_of(company: str) -> int | None:
    return ask_register(company)


@protect_agent(budget=0.50)
def qualify(companies: list[str]) -> list[Lead]:
    runtime = require_runtime()
    client = OpenAI(max_retries=0)
    leads = []
    for number, company in enumerate(companies, 1):
        lead = Lead(company, employees_of(company))
        answer = client.chat.completions.create(
            model="gpt-4o",
            max_tokens=50,
            messages=[{"role": "user", "content": f"Rate {company} ({lead.employees or 'unknown'} employees) from 1 to 10."}],
        )
        lead.verdict = answer.choices[0].message.content or ""
        leads.append(lead)
        runtime.progress(number, len(companies), unit="lead")
    return leads


if __name__ == "__main__":
    for lead in qualify(["Alder Works", "Nordlicht Energy"]):
        print(f"{lead.company} ({lead.employees} employees): {lead.verdict}")
