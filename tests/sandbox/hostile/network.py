"""Ways to anybody outside: none may even give a socket."""

import socket

FAMILIES = {
    "tcp": (socket.AF_INET, socket.SOCK_STREAM, 0),
    "tcp6": (socket.AF_INET6, socket.SOCK_STREAM, 0),
    "udp": (socket.AF_INET, socket.SOCK_DGRAM, 0),
    "unix": (socket.AF_UNIX, socket.SOCK_STREAM, 0),
    "raw": (socket.AF_INET, socket.SOCK_RAW, 1),
    "packet": (socket.AF_PACKET, socket.SOCK_RAW, 0),
    "netlink": (socket.AF_NETLINK, socket.SOCK_RAW, 0),
    "vsock": (socket.AF_VSOCK, socket.SOCK_STREAM, 0),
    "alg": (38, socket.SOCK_SEQPACKET, 0),
}


def open_sockets():
    found = []
    for name, family in FAMILIES.items():
        try:
            socket.socket(*family).close()
            found.append(name)
        except OSError:
            continue
    try:
        socket.socketpair()
        found.append("pair")
    except OSError:
        pass
    return found


def connect(port):
    socket.create_connection(("127.0.0.1", port), timeout=2)


def resolve():
    return socket.gethostbyname("example.org")
