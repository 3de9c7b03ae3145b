"""Never answering."""

import time


def loop():
    while True:
        pass


def sleep():
    time.sleep(1000)


def catch_everything():
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            continue


def in_numpy():
    import numpy as np

    a = np.ones((1200, 1200))
    while True:
        a = a @ a / 1200


class Forever(Exception):
    def __str__(self):
        while True:
            pass


def evil_message():
    raise Forever


def stop_the_clock():
    """Time as Python sees it stands still; the host's does not."""
    time.time = time.monotonic = time.perf_counter = lambda: 0.0
    while True:
        pass
