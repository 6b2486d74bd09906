# SPDX-License-Identifier: GPL-2.0-or-later
"""Two workers, made by threading or by multiprocessing, that say whether they
get a KeyboardInterrupt; so does the main thread. All go on until killed."""
import multiprocessing
import signal
import sys
import threading
import time


def go_on(name):
    while True:
        try:
            while True:
                time.sleep(0.01)
        except KeyboardInterrupt:
            print(name, "interrupted", flush=True)


# What runs in the background of a script ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
kind = {"thread": threading.Thread,
        "process": multiprocessing.get_context("fork").Process}[sys.argv[1]]
for _ in range(2):
    kind(target=go_on, args=("worker",), daemon=True).start()
print("ready", flush=True)
go_on("main")
