"""Prints one address to click, one that no browser may have, and waits."""
import signal

print("see https://docs.example.com/guide for more", flush=True)
signal.pause()
