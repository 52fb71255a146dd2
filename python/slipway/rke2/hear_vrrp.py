"""Waits for a word of VRRP from one of a server's peers: whoever holds the VIP says so each second.

Arguments: peers (addresses of one family), timeout (s). Replies with the peer that was heard, or null.
"""
import os
import select
import socket
import time

from slipway.exchange import arguments, reply

VRRP = 112


def hear(peers: "list[str]", timeout: float) -> "str | None":
    family = socket.AF_INET6 if any(":" in peer for peer in peers) else socket.AF_INET
    known = {socket.inet_pton(family, peer): peer for peer in peers}
    with socket.socket(family, socket.SOCK_RAW, VRRP) as channel:
        deadline = time.monotonic() + timeout
        while select.select([channel], [], [], max(0.0, deadline - time.monotonic()))[0]:
            _, sender = channel.recvfrom(1500)
            found = known.get(socket.inet_pton(family, sender[0].partition("%")[0]))
            if found:
                return found
    return None


def main() -> None:
    wanted = arguments()
    try:
        reply({"heard": hear(wanted["peers"], wanted["timeout"]), "error": None})
    except OSError as error:
        reply({"heard": None, "error": os.strerror(error.errno) if error.errno else str(error)})
