"""Hostile programs: each is contained, gets the right verdict, the next job is fine, and nothing is left behind."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from grader.core.calls import Call, Opaque
from grader.core.observation import Outcome, Reply
from worker.trusted.sandbox import cgroup
from worker.trusted.sandbox.backend import MB, Backend, Limits

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ANY = tuple(set(Outcome) - {Outcome.OURS})


@dataclass(frozen=True)
class Attack:
    """`outcome`: those that are right. `error`: the type of the student's error. `value`: what the claim must be, or a
    predicate of it. `seconds`: of the call. `instead`: what holds on a host where no control group can be had."""

    target: str
    args: tuple = ()
    outcome: tuple[Outcome, ...] = (Outcome.OK,)
    error: tuple[str, ...] = ()
    value: Any = None
    seconds: float = 10.0
    limits: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    instead: Attack | None = None


def opaque(*words: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Opaque) and all(word in value.type for word in words)


def stopped(target: str, *outcomes: Outcome, **options: Any) -> Attack:
    return Attack(target, outcome=outcomes, **options)


def denied(target: str, *errors: str, **options: Any) -> Attack:
    return Attack(target, error=errors or ("PermissionError",), **options)


def syscall(name: str, number: int, *args: int, errno: str = "") -> Attack:
    """Ends the process, or answers with `errno`."""
    if errno:
        return Attack("syscalls.call", (number, *args), value=errno, id=f"syscall-{name}")
    return Attack("syscalls.call", (number, *args), outcome=(Outcome.FORBIDDEN,), id=f"syscall-{name}")


QUICK = {"seconds": 1.0}

FILES = [
    Attack("files.read_host", ([ROOT, __file__, os.path.expanduser("~")],), value=[]),
    Attack("files.write_kernel", value=[]),
    Attack("files.write_everywhere", value=[]),
    Attack("files.change_runner", value=None),
    Attack("files.climb_out", (__file__,), value=[]),
    Attack("files.fill_disk", value=lambda n: n <= 8 * MB, limits={"scratch": 8 * MB}),
    Attack(
        "files.fill_inodes",
        value=lambda n: n <= 4096,
        instead=Attack("files.fill_inodes", outcome=(Outcome.OK, Outcome.TIMEOUT), **QUICK),
    ),
    denied("files.huge_file", "OSError"),
    Attack("files.exhaust_descriptors", value=lambda n: n < 256),
]
NETWORK = [
    Attack("network.open_sockets", value=[]),
    denied("network.resolve", "gaierror", "PermissionError", "OSError"),
]
PROCESSES = [
    denied("processes.fork"),
    denied("processes.fork_bomb"),
    denied("processes.daemon"),
    denied("processes.execute"),
    denied("processes.execute_python"),
    denied("processes.spawn", "PermissionError", "FileNotFoundError"),
    denied("processes.pool", "PermissionError", "FileNotFoundError", "OSError", "ImportError"),
    Attack("processes.thread_bomb", value=lambda n: n <= 64),
    stopped("processes.burn_in_threads", Outcome.TIMEOUT, limits={"cpu": 1}, seconds=20.0),
    denied("processes.kill_everybody"),
    denied("processes.kill_parent"),
    stopped("processes.stop_myself", Outcome.TIMEOUT, **QUICK),
    Attack("processes.terminate_myself", value="still here"),
    stopped("processes.ignore_signals", Outcome.TIMEOUT, **QUICK),
    Attack("processes.become_root", value=[]),
    Attack("processes.raise_limits", value=[]),
    Attack("processes.who_else", value=[]),
    denied("processes.nice"),
    Attack("processes.priorities", value=-1),
]
SYSCALLS = [
    syscall("ptrace", 101, 0),
    syscall("process_vm_readv", 310, 1),
    syscall("process_vm_writev", 311, 1),
    syscall("pidfd_open", 434, 1, 0),
    syscall("pidfd_getfd", 438, 3, 0, 0),
    syscall("bpf", 321, 0),
    syscall("perf_event_open", 298, 0),
    syscall("userfaultfd", 323, 0),
    syscall("io_uring_setup", 425, 1, 0),
    syscall("keyctl", 250, 0),
    syscall("add_key", 248, 0),
    syscall("mount", 165, 0),
    syscall("umount2", 166, 0),
    syscall("unshare", 272, 0x10000000),
    syscall("setns", 308, 0, 0),
    syscall("pivot_root", 155, 0),
    syscall("chroot", 161, 0),
    syscall("open_by_handle_at", 304, 0),
    syscall("init_module", 175, 0),
    syscall("personality", 135, 0xFFFFFFFF),
    syscall("fsopen", 430, 0),
    syscall("clone3", 435, 0, 0, errno="ENOSYS"),
    syscall("vfork", 58, errno="EPERM"),
    syscall("memfd_create", 319, 0, 0, errno="EPERM"),
    syscall("memfd_secret", 447, 0, errno="EPERM"),
    syscall("shmget", 29, 1, 4096, 0o1777, errno="EPERM"),
    syscall("semget", 64, 1, 1, 0o1777, errno="EPERM"),
    syscall("msgget", 68, 1, 0o1777, errno="EPERM"),
    syscall("mq_open", 240, 0, 0, 0, 0, errno="EPERM"),
    syscall("socketpair", 53, 1, 1, 0, 0, errno="EPERM"),
    syscall("execveat", 322, 0, 0, 0, 0, 0, errno="EPERM"),
    syscall("prctl-dumpable", 157, 4, 1, errno="EPERM"),
    syscall("prlimit-of-others", 302, 2, 0, 0, 0, errno="EPERM"),
    Attack("syscalls.clone_namespaces", value=("EPERM", "EPERM")),
    Attack("syscalls.clone_thread_in_user_namespace", value="EPERM"),
    Attack("syscalls.undo_filter", value=("EPERM", "EPERM")),
    stopped("syscalls.int80", Outcome.FORBIDDEN),
    stopped("syscalls.x32", Outcome.FORBIDDEN),
]
SMALL = {"address_space": 400 * MB}
RESIDENT = {"memory": 200 * MB, "address_space": 0}


def resident(name: str) -> Attack:
    """Killed by the control group; without one, the address space is what is limited."""
    without = denied(f"memory.{name}", "MemoryError", "_ArrayMemoryError", "OSError", limits=SMALL)
    target, label = f"memory.{name}", f"{name}-resident"
    return stopped(target, Outcome.MEMORY, limits=RESIDENT, seconds=100.0, id=label, instead=without)


MEMORY = [
    denied("memory.arrays", "MemoryError", "_ArrayMemoryError", limits=SMALL),
    denied("memory.objects", "MemoryError", limits=SMALL),
    denied("memory.one_huge_array", "MemoryError", "_ArrayMemoryError"),
    denied("memory.text", "MemoryError", "OverflowError", limits=SMALL),
    resident("arrays"),
    resident("objects"),
    resident("mapped"),
    denied("memory.recursion", "RecursionError"),
    Attack("memory.deep_recursion", outcome=(Outcome.CRASH, Outcome.OK), error=("RecursionError", "")),
    Attack("memory.stack_overflow", outcome=(Outcome.CRASH, Outcome.OK), error=("RecursionError", "StopIteration", "")),
    stopped("memory.regular_expression", Outcome.TIMEOUT, **QUICK),
]
ENDLESS = [
    stopped(f"endless.{name}", Outcome.TIMEOUT, **QUICK)
    for name in ("loop", "sleep", "catch_everything", "in_numpy", "evil_message", "stop_the_clock")
] + [
    stopped("endless.loop", Outcome.TIMEOUT, limits={"cpu": 1}, seconds=20.0, id="loop-cpu-limit"),
    stopped("endless.sleep", Outcome.TIMEOUT, limits={"wall": 2.0}, seconds=60.0, id="sleep-wall-limit"),
    stopped("import_loop.anything", Outcome.TIMEOUT, **QUICK),
    stopped("import_exit.anything", Outcome.EXITED),
    denied("import_systemexit.anything", "SystemExit"),
]
LEAVING = [
    stopped("leaving.now", Outcome.EXITED, id="exit-0"),
    denied("leaving.politely", "SystemExit"),
    denied("leaving.system_exit", "SystemExit"),
    denied("leaving.interrupted", "KeyboardInterrupt"),
    stopped("leaving.from_a_thread", Outcome.EXITED),
    stopped("leaving.segfault", Outcome.CRASH),
    stopped("leaving.abort", Outcome.CRASH),
    stopped("leaving.illegal_instruction", Outcome.CRASH),
    Attack("leaving.rewrite_at_exit", value=1),
    Attack("leaving.alarm_later", value=1),
    stopped("leaving.interpreter_shutdown", Outcome.EXITED),
]
LEAVING[0] = Attack("leaving.now", (0,), outcome=(Outcome.EXITED,), id="exit-0")
FORGING = [
    stopped(f"forging.{name}", Outcome.FORGED)
    for name in (
        "garbage_everywhere",
        "text_everywhere",
        "wrong_tag",
        "huge_header",
        "huge_body",
        "body_that_does_not_fit",
        "impossible_array",
        "object_array",
        "nested_header",
        "wrong_kind",
        "false_upcall",
    )
] + [
    Attack("forging.stolen_tag", value=42),
    Attack("forging.stolen_tag_twice", value=42),
    stopped("forging.stalled_body", Outcome.TIMEOUT, **QUICK),
    stopped("forging.close_the_exchange", Outcome.EXITED, Outcome.TIMEOUT, **QUICK),
    Attack("forging.read_requests", value=1),
    Attack("forging.write_later", value=1),
    Attack("forging.replace_the_runner", outcome=ANY),
    Attack("forging.break_the_runner", outcome=(Outcome.FORGED,)),
]
VALUES = [
    Attack("values.broadcast", value=opaque("too large")),
    Attack("values.overlapping", value=opaque("too large")),
    Attack("values.not_numbers", value=lambda v: np.array_equal(v, [np.nan, np.inf, -np.inf], equal_nan=True)),
    Attack("values.objects", value=opaque("object")),
    Attack("values.structured", value=opaque("ndarray")),
    Attack("values.long_double", value=opaque("ndarray")),
    Attack("values.complex_numbers", value=opaque("complex128")),
    Attack("values.text_array", value=opaque("ndarray")),
    Attack("values.dates", value=opaque("ndarray")),
    Attack("values.big_endian", value=lambda v: np.array_equal(v, [0, 1, 2]) and v.dtype == np.float64),
    Attack("values.nested", value=lambda v: isinstance(v, list)),
    Attack("values.wide", value=lambda v: isinstance(v, list)),
    Attack("values.itself", value=lambda v: isinstance(v, list)),
    Attack("values.itself_in_a_dict", value=lambda v: isinstance(v, dict)),
    Attack(
        "values.huge_message",
        value=lambda v: [isinstance(item, Opaque) for item in v] == [False] + [True] * 7,
        limits={"reply": 200 * MB, "memory": 2048 * MB},
    ),
    Attack("values.many_arrays", value=lambda v: len(v) == 10_000 and opaque("too large")(v[-1])),
    Attack("values.huge_integer", value=opaque("int")),
    Attack("values.huge_text", value=opaque("str")),
    Attack("values.broken_text", value=lambda v: v.encode() and "\0" not in v),
    Attack("values.evil_object", value=opaque("Evil")),
    Attack("values.lying_array", value=lambda v: type(v) is np.ndarray and np.array_equal(v, [0, 1, 2])),
    Attack("values.lying_dict", value={"a": 1}),
    Attack("values.lying_float", value=lambda v: type(v) is float and v == 2.5),
    Attack("values.unnameable", value=opaque("Unnameable")),
    denied("values.evil_error", "EvilError"),
    denied("values.long_error", "TextError"),
    denied("values.lying_error", "ValueError"),
    denied("values.syntax_error", "SyntaxError"),
    denied("values.recursive_error", "ValueError", "RecursionError"),
]
OUTPUT = [
    Attack("output.one_gigabyte", value="done", seconds=60.0),
    Attack("output.below_python", value="done"),
    stopped("output.without_end", Outcome.TIMEOUT, **QUICK),
    Attack("output.closed", value="done"),
    Attack("output.replaced", value="done"),
    Attack("output.surrogates", value="done"),
]
PATCHING = [
    Attack("patching.numpy_functions", outcome=ANY),
    Attack("patching.everything", outcome=ANY),
    Attack("patching.seeds", value=1),
]
ATTACKS = [
    *FILES, *NETWORK, *PROCESSES, *SYSCALLS, *MEMORY, *ENDLESS, *LEAVING, *FORGING, *VALUES, *OUTPUT, *PATCHING,
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id or attack.target)
def test_attack_is_contained(attack: Attack, backend: Backend, open_sandbox) -> None:
    if attack.instead is not None and not has_cgroup(backend):
        attack = attack.instead
    session = open_sandbox(limits=Limits(**attack.limits))

    reply = session.send(Call(attack.target, attack.args, seconds=attack.seconds))

    expect(attack, reply)
    assert session.alive == (reply.outcome is Outcome.OK)
    assert len(reply.printed) <= 4000
    session.close()
    if backend.name == "bubblewrap" or reply.outcome is not Outcome.OK:  # containers take long; the next attack is one
        assert next_job_is_fine(open_sandbox)


def expect(attack: Attack, reply: Reply) -> None:
    assert reply.outcome in attack.outcome, reply
    if reply.outcome is not Outcome.OK:
        assert reply.values == () and reply.error is None
        return
    if attack.error or reply.error is not None:
        assert (reply.error.type if reply.error else "") in attack.error, reply
    elif callable(attack.value):
        assert attack.value(reply.values[0]), reply
    elif Outcome.OK in attack.outcome and len(attack.outcome) == 1:
        assert reply.values == (attack.value,), reply


def has_cgroup(backend: Backend) -> bool:
    if backend.name == "docker":
        return True
    group = cgroup.create(64 * MB, 8)
    if group is not None:
        group.remove()
    return group is not None


def next_job_is_fine(open_sandbox) -> bool:
    reply = open_sandbox().send(Call("builtins.sum", ([1, 2, 3],)))
    return reply.outcome is Outcome.OK and reply.values == (6,)


def test_a_server_of_the_host_cannot_be_reached(open_sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        reply = open_sandbox().send(Call("network.connect", (server.getsockname()[1],)))

    assert reply.error.type in ("PermissionError", "OSError", "ConnectionRefusedError")


def test_bubblewrap_shows_nothing_of_the_system(backend, open_sandbox) -> None:
    """A container has the files of its image, which are nobody's secret."""
    visible = open_sandbox().send(Call("files.see_system")).values[0]

    assert visible == [] or backend.name == "docker"


def test_nobody_special_inside(open_sandbox) -> None:
    identity = open_sandbox().send(Call("processes.identity")).values[0]

    assert identity["uid"] not in (0, os.getuid()) and identity["pid"] == 1
    assert not {"PATH_TO_SECRETS", "GRADER_DATABASE_URL", "SSH_AUTH_SOCK", "PYTHONPATH"} & set(identity["environment"])


def test_jobs_do_not_see_each_other(open_sandbox) -> None:
    first, second = open_sandbox(), open_sandbox()

    assert first.send(Call("files.leave_a_mark")).values == (["mark"],)
    assert second.send(Call("files.see_marks")).values == ([],)
    assert second.send(Call("processes.who_else")).values == ([],)


def test_a_stolen_tag_is_good_for_one_reply_only(open_sandbox) -> None:
    session = open_sandbox()
    session.send(Call("forging.stolen_tag_twice"))

    assert session.send(Call("values.big_endian")).outcome is Outcome.FORGED


def test_bytes_between_requests_are_forged(open_sandbox) -> None:
    session = open_sandbox()
    session.send(Call("forging.write_later"))

    assert session.send(Call("endless.sleep", seconds=2.0)).outcome is Outcome.FORGED


def test_stolen_requests_end_in_time_or_in_an_error(open_sandbox) -> None:
    session = open_sandbox()
    session.send(Call("forging.read_requests"))

    assert session.send(Call("values.big_endian", seconds=2.0)).outcome is not Outcome.OURS


def test_a_dead_session_keeps_its_outcome(open_sandbox) -> None:
    session = open_sandbox()
    first = session.send(Call("leaving.segfault"))

    assert session.send(Call("values.big_endian")) == first
    assert not session.alive


def test_nothing_to_be_found_in_memory(open_sandbox) -> None:
    arrays, words, modules = open_sandbox().send(Call("forging.search_memory")).values[0]

    assert (words, modules) == ([], [])
    assert arrays <= 3  # the arguments of the present call, and NumPy's own constants


def test_results_cannot_be_kept_by_identity(open_sandbox) -> None:
    session = open_sandbox()
    x = np.ones(3)

    assert [session.send(Call("patching.remember", (x,))).values[0] for _ in range(3)] == [True] * 3


def test_changed_arguments_are_named(open_sandbox) -> None:
    x, config = np.ones(3), {"beta": np.zeros(2), "gamma": np.ones(2)}

    reply = open_sandbox().send(Call("patching.change_arguments", (x, config)))

    assert reply.changed == ("args[0]", "args[1]['beta']")
    assert x.sum() == 3 and config["beta"].sum() == 0


def test_patched_seeds_do_not_stop_ours(open_sandbox) -> None:
    session = open_sandbox()
    session.send(Call("patching.seeds"))

    assert session.send(Call("patching.draws", seed=3)).values == session.send(Call("patching.draws", seed=3)).values


def test_the_last_characters_printed_are_reported(open_sandbox) -> None:
    reply = open_sandbox().send(Call("builtins.print", ("x" * 10_000 + "end",)))

    assert reply.printed == "x" * 3996 + "end\n"
