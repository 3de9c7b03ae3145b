"""Reading and writing what is not ours, and filling what little is."""

import os
import sys

SECRETS = ["/etc/shadow", "/root", "/var/run/docker.sock", "/run/docker.sock"]
SYSTEM = ["/etc", "/home", "/var", "/sys", "/proc", "/usr/bin", "/bin", "/usr/share", "/run", "/opt", "/srv", "/boot"]
KERNEL = [
    "/proc/sys/kernel/core_pattern",
    "/proc/sysrq-trigger",
    "/proc/1/oom_score_adj",
    "/sys/fs/cgroup/cgroup.procs",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    "/dev/mem",
    "/dev/kmsg",
    "/dev/vda",
    "/dev/sda",
]


def opened(paths):
    found = []
    for path in paths:
        try:
            os.listdir(path) if os.path.isdir(path) else os.close(os.open(path, os.O_RDONLY))
            found.append(path)
        except OSError:
            continue
    return found


def read_host(paths):
    return opened(SECRETS + paths)


def see_system():
    return opened(SYSTEM)


def write_kernel():
    found = []
    for path in KERNEL:
        try:
            with open(path, "w") as file:
                file.write("-1000")
            found.append(path)
        except OSError:
            continue
    return found


def write_everywhere():
    """Into the runner, the code, the Python prefix, NumPy, the devices, the root."""
    import numpy

    folders = [
        "/",
        "/code",
        "/runner",
        "/packages",
        "/dev",
        "/dev/shm",
        "/lib",
        "/usr",
        sys.prefix,
        os.__file__,
        numpy.__file__,
    ]
    found = []
    for folder in folders:
        path = folder if os.path.isfile(folder) else os.path.join(folder, "planted.py")
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
            found.append(path)
        except OSError:
            continue
    return found


def change_runner():
    for name in os.listdir("/runner"):
        try:
            os.chmod(os.path.join("/runner", name), 0o777)
            return name
        except OSError:
            continue
    return None


def leave_a_mark():
    with open("/tmp/mark", "w") as file:
        file.write("here")
    return os.listdir("/tmp")


def see_marks():
    return os.listdir("/tmp")


def fill_disk():
    """Bytes written until there was no room."""
    written = 0
    for number in range(1000):
        try:
            with open(f"/tmp/fill{number}", "wb", buffering=0) as file:
                for _ in range(64):
                    written += file.write(bytes(1 << 20))
        except OSError:
            return written
    return written


def fill_inodes():
    for number in range(1_000_000):
        try:
            os.close(os.open(f"/tmp/i{number}", os.O_CREAT))
        except OSError:
            return number
    return 1_000_000


def huge_file():
    with open("/tmp/huge", "wb") as file:
        os.ftruncate(file.fileno(), 1 << 40)


def exhaust_descriptors():
    held = []
    try:
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return len(held)


def climb_out(secret):
    """The old ways out of a changed root."""
    os.chdir("/code")
    for _ in range(50):
        os.chdir("..")
    os.symlink(secret, "/tmp/link")
    return opened([secret.lstrip("/"), "/tmp/link", "/oldroot", "/newroot", "/proc/1/root" + secret])
