# Answers as typed objects: the OpenAI SDK turns a pydantic model into a schema, and the answer into the model.
# Run it: iron_cage start examples/openai_structured.py

from typing import Literal

from openai import OpenAI
from pydantic import BaseModel, Field

from iron_cage import protect_agent


class Verdict(BaseModel):
    company: str
    fit: Literal["strong", "possible", "none"]
    score: int = Field(ge=1, le=10)
    next_step: str


@protect_agent(budget=0.25)
def judge(note: str) -> Verdict:
    answer = OpenAI().chat.completions.parse(
        model="gpt-4o",
        max_tokens=300,
        response_format=Verdict,
        messages=[
            {"role": "system", "content": "You judge whether a company needs a scheduling product."},
            {"role": "user", "content": note},
        ],
    )
    verdict = answer.choices[0].message.parsed
    if verdict is None:
        raise ValueError(f"The model declined: {answer.choices[0].message.refusal}")
    return verdict


NOTES = [
    "Company: Alder Works. Forty carpenters, plans shifts on a whiteboard.",
    "Company: Hoshi Robotics. Builds its own planning software and sells it.",
]

for note in NOTES:
    verdict = judge(note)
    print(f"{verdict.company}: {verdict.fit}, {verdict.score} of 10. Next: {verdict.next_step}")
