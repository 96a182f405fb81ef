# Key rotation: while the agent works, somebody gives its key a new value, and the very next request carries it.
# Run it: iron_cage start examples/key_rotation.py

# Before: `iron_cage secrets add CRM_KEY`. While it runs, in another terminal: `iron_cage secrets update CRM_KEY`.

import hashlib
import os
import time

from iron_cage import AgentRuntime

LONGEST_SECONDS = 20


def push_to_crm(lead: int) -> str:
    """Reads the key when it needs it; a copy in a constant would stay the old one for ever."""
    key = os.environ["CRM_KEY"]
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def main() -> None:
    if "CRM_KEY" not in os.environ:
        print("There is no CRM_KEY: keep one with `iron_cage secrets add CRM_KEY`, then start this again.")
        return
    with AgentRuntime(name="crm export") as runtime:
        first = push_to_crm(0)
        print(f"The first lead went out with the key {first}. Waiting for another key…", flush=True)
        deadline = time.monotonic() + LONGEST_SECONDS
        lead = 0
        while time.monotonic() < deadline:
            lead += 1
            now = push_to_crm(lead)
            runtime.progress(lead, unit="lead")
            if now != first:
                print(f"Lead {lead} went out with the key {now}, in the same process {os.getpid()}.")
                return
            time.sleep(0.05)
        print(f"{lead} leads went out, all with the same key.")


if __name__ == "__main__":
    main()
