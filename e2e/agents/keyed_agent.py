"""Says by which key it would work, as a short hash and never itself: the one in its environment at that moment."""
import hashlib
import os
import sys


def mark() -> str:
    key = os.environ.get("INVENTED_API_KEY")
    return "none" if key is None else hashlib.sha256(key.encode()).hexdigest()[:8]


print(f"ready under {os.getpid()}", flush=True)
for _ in sys.stdin:
    print(f"key {mark()} under {os.getpid()}", flush=True)
