import os

os._exit(0)


def anything():
    return 1
