# Many leads at a time with asyncio: tasks that are started in the block belong to it, and a semaphore keeps the pace.
# Run it: iron_cage start examples/parallel_asyncio.py

import asyncio

from openai import AsyncOpenAI

from iron_cage import protect_agent, require_runtime

LEADS = [f"Company {number}" for number in range(1, 31)]
AT_ONCE = 10


@protect_agent(budget=0.05)
async def qualify_all(leads: list[str]) -> dict[str, str]:
    runtime = require_runtime()
    places = asyncio.Semaphore(AT_ONCE)
    answers: dict[str, str] = {}

    async with AsyncOpenAI() as client:

        async def qualify(lead: str) -> None:
            async with places:
                answer = await client.chat.completions.create(
                    model="gpt-4o-mini",
                    max_tokens=5,
                    messages=[{"role": "user", "content": f"Rate {lead} on a scale from 1 to 5. One number."}],
                )
            answers[lead] = answer.choices[0].message.content or ""
            runtime.progress(len(answers), len(leads), unit="lead")

        await asyncio.gather(*(qualify(lead) for lead in leads))
    return answers


answers = asyncio.run(qualify_all(LEADS))
best = sorted(lead for lead, stars in answers.items() if stars == "5")
print(f"{len(answers)} leads were rated; {len(best)} have five stars: {', '.join(best)}")
