"""An agent that measures what the SDK adds to an empty function, block by block.

sdk.py <result file> <calls>
"""

import json
import subprocess
import sys
import time

import iron_cage
from iron_cage import AgentRuntime, cached, protect_agent

FOLDER = iron_cage.__path__[0].rpartition("/")[0]
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


def loaded(statement):
    """Milliseconds of an import in a python3 that has loaded nothing yet, in the middle of some."""
    code = f"import sys, time; sys.path.append({FOLDER!r}); began = time.perf_counter(); {statement}; print((time.perf_counter() - began) * 1000)"
    took = [float(subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, capture_output=True, text=True).stdout) for _ in range(11)]
    return sorted(took)[5]


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
report["imported"] = loaded("import iron_cage")
report["used"] = loaded("from iron_cage import protect_agent, AgentRuntime, cached")
with open(result, "w") as file:
    json.dump(report, file)
