# CrewAI: tasks with checks. A guardrail looks at what a task gives before the next one gets it, and sends it back if need be.
# Run it: iron_cage start examples/crews/crewai_tasks.py

from typing import Any

from crewai import LLM, Agent, Crew, Task
from crewai.lite_agent_output import LiteAgentOutput
from crewai.tasks.task_output import TaskOutput

import iron_cage
from iron_cage import protect_agent

MOST_WORDS = 80


def is_short(output: TaskOutput | LiteAgentOutput) -> tuple[bool, Any]:
    words = len(output.raw.split())
    if words > MOST_WORDS:
        return False, f"It has {words} words; {MOST_WORDS} are allowed."
    return True, output.raw


def tell(output: TaskOutput) -> None:
    runtime = iron_cage.current_runtime()
    if runtime is not None:
        runtime.log("a task is done", task=output.name, words=len(output.raw.split()))


@protect_agent(budget=0.50)
def offer_for(company: str) -> str:
    clerk = Agent(
        role="Sales clerk",
        goal="Make offers that are short and honest",
        backstory="You know every product by heart.",
        llm=LLM(model="gpt-4o", max_tokens=300),
    )
    rating = Task(
        name="rating",
        description="Rate how well {company} fits, from 1 to 10.",
        expected_output="One number.",
        agent=clerk,
        callback=tell,
    )
    offer = Task(
        name="offer",
        description="Write an email with an offer. Company: {company}",
        expected_output="The email, at most 80 words.",
        agent=clerk,
        context=[rating],
        guardrail=is_short,
        callback=tell,
    )
    return str(Crew(agents=[clerk], tasks=[rating, offer]).kickoff(inputs={"company": company}))


if __name__ == "__main__":
    print(offer_for("Nordlicht Energy"))
