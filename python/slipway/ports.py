"""Tries TCP connections to `targets`, all at once, and prints for each whether it is open, refused or unreachable."""
import errno
import os
import select
import socket
import time

from slipway.exchange import arguments, reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def begin(target: "dict[str, Any]") -> "tuple[socket.socket, int]":
    family = socket.AF_INET6 if ":" in target["address"] else socket.AF_INET
    attempt = socket.socket(family, socket.SOCK_STREAM)
    attempt.setblocking(False)
    return attempt, attempt.connect_ex((target["address"], target["port"]))


def report(target: "dict[str, Any]", code: "int | None") -> "dict[str, Any]":
    state = {0: "open", errno.ECONNREFUSED: "refused"}.get(-1 if code is None else code, "unreachable")
    error = (os.strerror(code) if code else "no answer") if state == "unreachable" else None
    return dict(target, state=state, error=error)


def check(targets: "list[dict[str, Any]]", timeout: float) -> "list[dict[str, Any]]":
    """The states of at most some hundred targets."""
    found: "dict[int, dict[str, Any]]" = {}
    poll: "select.poll" = select.poll()
    open_sockets: "dict[int, tuple[int, socket.socket]]" = {}
    for index, target in enumerate(targets):
        try:
            attempt, code = begin(target)
        except OSError as error:
            found[index] = report(target, error.errno)
            continue
        if code == errno.EINPROGRESS:
            open_sockets[attempt.fileno()] = index, attempt
            poll.register(attempt, select.POLLOUT)
        else:
            found[index] = report(target, code)
            attempt.close()
    deadline = time.monotonic() + timeout
    while open_sockets and time.monotonic() < deadline:
        for descriptor, _ in poll.poll(max(0, (deadline - time.monotonic()) * 1000)):
            index, attempt = open_sockets.pop(descriptor)
            found[index] = report(targets[index], attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
            poll.unregister(descriptor)
            attempt.close()
    for index, attempt in open_sockets.values():
        found[index] = report(targets[index], errno.ETIMEDOUT)
        attempt.close()
    return [found[index] for index in range(len(targets))]


def main() -> None:
    wanted = arguments()
    targets = wanted["targets"]
    found: "list[dict[str, Any]]" = []
    for start in range(0, len(targets), 500):
        found += check(targets[start:start + 500], wanted["timeout"])
    reply({"ports": found})
