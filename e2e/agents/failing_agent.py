"""Fails soon after each start, and says why on its last lines."""
import sys

for number in range(1, 61):
    print(f"step {number}")
print("could not reach the moon", file=sys.stderr)
sys.exit(7)
