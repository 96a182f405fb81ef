"""Shows colours, answers what is typed, and tells of interrupts and of its terminal's size."""
import os
import signal
import sys


def say(text: str) -> None:
    # print is not reentrant, and signals come at any moment.
    os.write(1, f"{text}\n".encode())


def on_interrupt(_number, _frame) -> None:
    say("interrupted, going on")


def on_resize(_number, _frame) -> None:
    columns, rows = os.get_terminal_size()
    say(f"size {columns}x{rows}")


signal.signal(signal.SIGINT, on_interrupt)
signal.signal(signal.SIGWINCH, on_resize)

say("\x1b[32mgreen as grass\x1b[0m and \x1b[1;31mred as rust\x1b[0m")
on_resize(0, None)
say("ready")
for line in sys.stdin:
    say(f"you said {line.strip()}")
