"""Keeps the tests off the network: no interface but loopback where that can be had, and a watch on sockets.

The first is certain and holds for native code and child processes too; it needs Linux and the right to make
namespaces. The second is there everywhere, names the offender, and reaches Python's children by ``offline/``.
"""

import ctypes
import ipaddress
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any

ATTEMPTS_FILE = "BEDSIDE_TEST_NETWORK_ATTEMPTS"
"""Environment variable: the file to which every process adds the addresses that were tried."""

_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKING_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1
_FLAGS_REQUEST = "16sH14s"
"""``struct ifreq`` with the interface's flags."""


class NetworkBlocked(OSError):
    """A test, or what it started, tried to leave the machine."""


def leave_network() -> bool:
    """Move this process, and so all its children, into a network namespace that has nothing but loopback.

    Must be called while the process has one thread. Returns whether the system allows it.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        if libc.unshare(_CLONE_NEWNET) != 0:
            return False
    else:
        user, group = os.getuid(), os.getgid()
        if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
            return False
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _raise_loopback()
    return True


def watch_sockets() -> None:
    """Refuse and record what is not for this machine: connections, datagrams, look-ups. Cannot be undone."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _SENDING and arguments[0].family in (socket.AF_INET, socket.AF_INET6) and arguments[1]:
        host = arguments[1][0]
    elif event in _LOOKING_UP and arguments[0]:
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if not _is_local(name):
        with Path(os.environ[ATTEMPTS_FILE]).open("a", encoding="utf-8") as file:
            file.write(f"{event} {name}\n")
        raise NetworkBlocked(f"the tests may not reach {name} ({event})")


def _is_local(name: str) -> bool:
    if name in ("localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _raise_loopback() -> None:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack(_FLAGS_REQUEST, b"lo", 0, b"")
        _, flags, _ = struct.unpack(_FLAGS_REQUEST, fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack(_FLAGS_REQUEST, b"lo", flags | _IFF_UP, b""))
