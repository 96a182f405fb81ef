# A budget that cannot be overrun: a call that no longer fits is never made, and the agent ends its work in order.
# Run it: iron_cage start examples/budget_limit.py

from openai import OpenAI

from iron_cage import BudgetExceeded, protect_agent, require_runtime

TOPICS = ["heat pumps", "solar roofs", "home batteries", "wallboxes", "insulation"]
REPORT: list[str] = []


@protect_agent(budget=0.03, name="research")
def research(topics: list[str]) -> None:
    # Retries of the client are for providers that fail; a budget that is spent does not come back.
    client = OpenAI(max_retries=0)
    for number, topic in enumerate(topics, 1):
        answer = client.chat.completions.create(
            model="gpt-4", max_tokens=400, messages=[{"role": "user", "content": f"Summarise what matters about {topic}."}]
        )
        REPORT.append(f"{topic}: {answer.choices[0].message.content}")
        runtime = require_runtime()
        runtime.progress(number, len(topics), unit="topic")
        print(f"{topic}: ${runtime.spent:.4f} spent so far")


try:
    research(TOPICS)
except BudgetExceeded as problem:
    print(f"Stopped: ${problem.spent:.4f} of ${problem.limit:.2f} are spent, and the next call could have cost ${problem.requested:.4f}.")

print(f"\nThe report has {len(REPORT)} of {len(TOPICS)} topics:")
for line in REPORT:
    print(f"- {line[:100]}")
