"""An agent that measures what the SDK adds to an empty function, block by block.

sdk.py <result file> <calls>
"""

import json
import subprocess
import sys
import time

from iron_cage import AgentRuntime, cached, protect_agent

result, calls = sys.argv[1], int(sys.argv[2])


def empty() -> None:
    return None


def measured(work):
    for _ in range(min(100, calls)):
        work()
    durations = []
    for _ in range(calls):
        began = time.perf_counter()
        work()
        durations.append((time.perf_counter() - began) * 1000)
    return durations


def start_up(*what):
    """Milliseconds of a whole python3 that does nothing else, the best of some."""
    best = None
    for _ in range(10):
        began = time.perf_counter()
        subprocess.run([sys.executable, *what], check=True)
        best = min(best or 1e9, (time.perf_counter() - began) * 1000)
    return best


report = {
    "plain": measured(empty),
    "protected": measured(protect_agent(budget=1.0)(empty)),
}
with AgentRuntime(budget=5.0) as runtime:
    report["nested"] = measured(protect_agent(budget=1.0)(empty))
    report["ask"] = measured(lambda: runtime.spent)
    report["service"] = measured(runtime.service("linkedin")(empty))
    report["serviceKept"] = measured(runtime.service("clearbit", fallback=[cached()])(empty))
    report["tool"] = measured(runtime.tool("nothing")(empty))
    report["progress"] = measured(lambda: runtime.progress(1, 100, unit="lead"))
report["start"] = start_up("-I", "-c", "pass")
report["imported"] = start_up("-I", "-c", f"import sys; sys.path.append({sys.modules['iron_cage'].__path__[0].rpartition('/')[0]!r}); import iron_cage")
with open(result, "w") as file:
    json.dump(report, file)
