"""Prints as many lines as the terminal keeps, then waits."""
import signal

for number in range(1, 10_001):
    print(f"line {number:05d}")
print("all printed", flush=True)
signal.pause()
