"""Asks a service for one lead after the other; the service answers, is rate-limited, or recovers, as is typed."""
import sys

from iron_cage import AgentRuntime, cached, placeholder


class RateLimited(Exception):
    status_code = 429


is_down = False


with AgentRuntime(name="leads") as runtime:

    @runtime.service("linkedin", fallback=[cached(), placeholder({"title": "unknown"})], price=0.10)
    def profile(company: str) -> dict[str, str]:
        if is_down:
            raise RateLimited("too many requests")
        return {"title": f"head of {company}"}

    done = 0
    print("ready", flush=True)
    for line in sys.stdin:
        word, _, count = line.strip().partition(" ")
        is_down = word == "down"
        for _ in range(int(count or "1")):
            done += 1
            answer = profile("Acorn Works")
            runtime.progress(done, 100, unit="lead", latency=2.1)
        print(f"{line.strip()}: {answer['title']}", flush=True)
