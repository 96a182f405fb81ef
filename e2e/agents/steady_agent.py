"""Runs until it is told to stop."""
import os
import signal

print(f"steady under {os.getpid()}", flush=True)
signal.pause()
