"""The runner: process 1 of a sandbox. `python -I -B runner.py`.

It takes the exchange off descriptors 0 and 1 (whatever the student's code prints goes to descriptor 2, which the host
drains), reads the first frame, confines itself for good, and then answers requests one by one. Everything it answers is
a claim: student's code shares this process and can make it say anything, so no expected value ever comes in here.
"""

import os
import sys
import types


def load():
    """The modules beside this file, under a name of their own: a submission's `frames.py` must not meet ours."""
    package = types.ModuleType("_sandbox")
    package.__path__ = [os.path.dirname(os.path.abspath(__file__))]
    sys.modules["_sandbox"] = package


def private_descriptors():
    """Moves the exchange to fresh descriptors; 0 becomes empty, 1 joins 2."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    return requests, replies


def prepare(start, server):
    """From the first frame to the point where a student's file may be read."""
    from _sandbox import compiler, confine, loading, oldnames

    confine.set_limits(start["limits"])
    if start["filter"] is not None:
        confine.set_filter(start["filter"])
    for name in start["imports"]:
        __import__(name)
    compiler.leave_aside()
    if start["compat"]:
        oldnames.put_back()
    substitutes = {}
    for module, function in start["substitutions"]:
        substitutes.setdefault(module, {})[function] = server.proxy(module, function)
    server.missing = loading.install(server.root, substitutes)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the student may have put anything there
            continue


def mark_the_end(tag):
    """Behind what was printed, so that the host knows when all of it has arrived (an engine carries it on its own way)."""
    try:
        os.write(2, b"\0" + tag + b"\0")
    except OSError:  # the student closed it
        return


def answer(server, channel, request):
    from _sandbox.frames import FrameError, Leaf

    reply = server.reply(request)
    flush()
    mark_the_end(channel.tag)
    try:
        channel.send(reply)
    except FrameError:  # each value may cross, but not all of them in one frame
        channel.send(
            {**reply, "values": [Leaf("opaque", "too much for one reply")] * len(reply["values"]), "changed": []}
        )
    except (MemoryError, RecursionError) as error:
        channel.send(server.failed(error))


def main():
    packages = "/packages"
    if os.path.isdir(packages):
        sys.path.append(packages)
    load()
    from _sandbox.channel import Channel
    from _sandbox.serve import Server

    channel = Channel(*private_descriptors())
    start = channel.receive()
    server = Server(channel, start["code"], start["max_bytes"])
    prepare(start, server)
    channel.send({"kind": "ready"})
    try:
        while True:
            answer(server, channel, channel.receive())
    except EOFError:
        os._exit(0)
    except MemoryError:
        os._exit(83)


if __name__ == "__main__":
    main()
