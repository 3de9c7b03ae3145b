"""System-call filters as BPF programs, made with libseccomp.

Allow-list: what Python, NumPy and torch need to compute. Everything else answers EPERM, which a student sees as
PermissionError; calls that nobody needs by accident end the process (SIGSYS, `Outcome.FORBIDDEN`). Calls of another
architecture (32-bit, x32) end the process too. `clone3` answers ENOSYS: libc then uses `clone`, whose flags can be
filtered.
"""

from __future__ import annotations

import errno
import functools
import platform
import tempfile

from worker.trusted.sandbox.backend import SandboxUnavailable

ALLOWED = """
read write readv writev pread64 pwrite64 preadv pwritev open openat creat close close_range lseek
stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat getdents getdents64
getcwd chdir fchdir mkdir mkdirat rmdir rename renameat renameat2 unlink unlinkat link linkat symlink symlinkat
chmod fchmod fchmodat utime utimes utimensat futimesat umask truncate ftruncate fallocate fsync fdatasync flock
dup dup2 dup3 pipe pipe2 poll ppoll select pselect6 eventfd2 fcntl sendfile copy_file_range
epoll_create1 epoll_ctl epoll_wait epoll_pwait
mmap mprotect munmap mremap madvise brk msync mincore mlock munlock membarrier
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack tgkill pause
alarm setitimer getitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete
futex set_robust_list get_robust_list set_tid_address rseq arch_prctl restart_syscall
exit exit_group wait4 waitid
getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid
getrlimit setrlimit getrusage times sysinfo uname getrandom getcpu getpriority
time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep
sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_getscheduler
sched_get_priority_max sched_get_priority_min get_mempolicy
"""

FATAL = """
ptrace process_vm_readv process_vm_writev process_madvise pidfd_open pidfd_getfd pidfd_send_signal kcmp
bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register keyctl add_key request_key
mount umount2 move_mount open_tree fsopen fsmount fsconfig fspick mount_setattr pivot_root chroot unshare setns
open_by_handle_at name_to_handle_at init_module finit_module delete_module kexec_load kexec_file_load reboot
swapon swapoff iopl ioperm modify_ldt vmsplice quotactl acct syslog settimeofday clock_settime adjtimex
clock_adjtime sethostname setdomainname personality
"""

IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""

PRCTLS = (15, 16, 0x53564D41)
"""PR_SET_NAME, PR_GET_NAME, PR_SET_VMA."""

CLONE_THREAD = 0x00010000
CLONE_NAMESPACES = 0x7E020080
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME."""


@functools.cache
def strict_filter() -> bytes:
    """For the runner, which puts it on itself before it reads a student's file: no execve, no new processes."""
    return _filter(launching=False)


@functools.cache
def launch_filter() -> bytes:
    """For bubblewrap's `--seccomp`: in force from before it executes Python; `strict_filter` joins it later."""
    return _filter(launching=True)


def _filter(launching: bool) -> bytes:
    if platform.machine() != "x86_64":
        raise SandboxUnavailable(f"the system-call filter is written for x86-64, not for {platform.machine()}")
    try:
        import pyseccomp as seccomp
    except (ImportError, OSError, RuntimeError) as error:
        raise SandboxUnavailable(
            "the system-call filter needs libseccomp: install the package libseccomp2 and `pip install pyseccomp`"
        ) from error
    deny = seccomp.ERRNO(errno.EPERM)
    rules = seccomp.SyscallFilter(deny)
    rules.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    for name in ALLOWED.split():
        rules.add_rule(seccomp.ALLOW, name)
    for name in FATAL.split():
        rules.add_rule(seccomp.KILL_PROCESS, name)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    threads = seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD | CLONE_NAMESPACES, CLONE_THREAD)
    rules.add_rule(seccomp.ALLOW, "clone", threads)
    # prlimit of others answers EPERM; of oneself (pid 0) it is what libc's getrlimit and setrlimit are.
    rules.add_rule(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0))
    for request in IOCTLS:
        rules.add_rule(seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    if launching:
        rules.add_rule(seccomp.ALLOW, "execve")
        rules.add_rule(seccomp.ALLOW, "prctl")
        rules.add_rule(seccomp.ALLOW, "seccomp")
    else:
        for option in PRCTLS:
            rules.add_rule(seccomp.ALLOW, "prctl", seccomp.Arg(0, seccomp.EQ, option))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
