"""Works on 23 of 100 leads with everything that a panel can show, then does as is typed: more leads, or one private thing."""
import json
import os
import sys
import urllib.request

from iron_cage import AgentRuntime, cached, placeholder

NAMES = ["Acorn Works", "Blue Harbour", "Copper Lane", "Dovetail Labs"]


class RateLimited(Exception):
    status_code = 429


def ask(model: str, text: str) -> None:
    body = {"model": model, "max_tokens": 20, "messages": [{"role": "user", "content": text}]}
    request = urllib.request.Request(
        f"{os.environ['OPENAI_BASE_URL']}/chat/completions",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", "authorization": "Bearer sk-invented"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        json.load(answer)


with AgentRuntime(name="leads") as runtime:
    done = 0

    @runtime.service("linkedin", fallback=[cached(), placeholder({"title": "unknown"})], price=0.10)
    def profile(company: str) -> dict[str, str]:
        if done >= 16:
            raise RateLimited("too many requests")
        return {"title": f"head of {company}"}

    def work(text: str = "") -> None:
        global done
        company = NAMES[done % len(NAMES)]
        title = profile(company)["title"]
        ask("gpt-4o-mini" if done % 3 else "gpt-4", text or f"Does {company} fit? Its {title} decides.")
        done += 1
        runtime.progress(done, 100, unit="lead", latency=2.1)
        print(f"{done} / 100  {company}", flush=True)

    for _ in range(22):
        work()
    work("Write to ceo@acorn-works.example about it.")
    print("ready", flush=True)
    for line in sys.stdin:
        word = line.strip()
        if word == "email":
            ask("gpt-4", "Write to ceo@acorn-works.example about it.")
        else:
            for _ in range(int(word)):
                work()
        print(f"done with {word}", flush=True)
