# Checkpoints: the agent is killed in the midst of its work, starts again, and goes on where it was, doing nothing twice.
# Run it: iron_cage start examples/checkpoints.py

import os
import signal

from iron_cage import AgentRuntime

LEADS = [f"lead-{number:02}" for number in range(1, 11)]


def main() -> None:
    with AgentRuntime(budget=1.00, name="qualify") as runtime:
        state = runtime.checkpoint.load(default={"starts": 0, "done": []})
        state["starts"] += 1
        runtime.checkpoint.save(state)
        print(f"Start {state['starts']}: {len(state['done'])} of {len(LEADS)} leads are done already.", flush=True)

        for lead in LEADS:
            if lead in state["done"]:
                continue
            if lead == "lead-06" and state["starts"] == 1:
                print("Killed in the midst of lead-06, with no chance to clean up.", flush=True)
                os.kill(os.getpid(), signal.SIGKILL)
            state["done"].append(lead)
            # It is on disk when this comes back.
            runtime.checkpoint.save(state)
            runtime.progress(len(state["done"]), len(LEADS), unit="lead")

        print("Done, each once:", ", ".join(state["done"]))


# For a plain loop over things to do, `for lead in runtime.checkpoint.each(LEADS)` is all of this in one line.
if __name__ == "__main__":
    main()
