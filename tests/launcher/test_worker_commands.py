"""Every queue has a worker on one machine, and long attempts never take all of its processes."""

import pytest

from grader.db.kinds import Lane
from grader.launcher import worker_commands
from grader.settings import Settings


def served(queues, concurrency):
    """{name: (queues, processes)}"""
    commands = worker_commands(Settings(worker_queues=queues, worker_concurrency=concurrency))
    options = {name: dict(zip(command[6::2], command[7::2], strict=False)) for name, command in commands.items()}
    assert len({one["-n"] for one in options.values()}) == len(commands), "each answers under a name of its own"
    return {name: (one["-Q"], int(one["-c"])) for name, one in options.items()}


@pytest.mark.parametrize(
    ("queues", "concurrency", "expected"),
    [
        ("interactive,bulk,gpu", 2, {"worker": ("interactive", 1), "worker-long": ("bulk,gpu", 1)}),
        ("interactive,bulk", 5, {"worker": ("interactive", 3), "worker-long": ("bulk", 2)}),
        ("interactive, bulk", 1, {"worker": ("interactive", 1), "worker-long": ("bulk", 1)}),
        ("gpu", 1, {"worker": ("gpu", 1)}),
        ("interactive", 3, {"worker": ("interactive", 3)}),
    ],
)
def test_long_attempts_have_their_own_processes(queues, concurrency, expected):
    assert served(queues, concurrency) == expected


def test_by_default_no_queue_is_left_alone():
    found = served(Settings.model_fields["worker_queues"].default, 2)
    assert {queue for queues, _ in found.values() for queue in queues.split(",")} == {lane.value for lane in Lane}
