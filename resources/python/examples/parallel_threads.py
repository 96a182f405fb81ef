# Many leads at a time in a thread pool: all threads share the block's budget, and each call counts in it.
# Run it: iron_cage start examples/parallel_threads.py

import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from openai import OpenAI

from iron_cage import AgentRuntime

LEADS = [f"Company {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWX"]


def qualify(client: OpenAI, lead: str) -> tuple[str, float]:
    began = time.monotonic()
    answer = client.chat.completions.create(
        model="gpt-4o-mini", max_tokens=5, messages=[{"role": "user", "content": f"Is {lead} worth a call? Answer yes or no."}]
    )
    return answer.choices[0].message.content or "", time.monotonic() - began


with AgentRuntime(budget=0.05, name="parallel leads") as runtime, ThreadPoolExecutor(max_workers=8) as pool:
    client = OpenAI()
    futures = {pool.submit(qualify, client, lead): lead for lead in LEADS}
    worth = []
    for done, future in enumerate(as_completed(futures), 1):
        answer, seconds = future.result()
        runtime.progress(done, len(LEADS), unit="lead", latency=seconds)
        if answer == "Yes":
            worth.append(futures[future])
    print(f"{len(worth)} of {len(LEADS)} are worth a call: {', '.join(sorted(worth))}")
    print(f"${runtime.spent:.6f} of ${runtime.limit:.2f}")
