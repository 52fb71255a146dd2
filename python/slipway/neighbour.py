"""Asks a network who has an address, as a machine does before it takes one for its own (RFC 5227; for IPv6 neighbour
discovery). The kernel's own table may be an old one, and a ping may be answered by nobody though the address is taken.

Arguments: address, interface, timeout (s). Prints the MAC address that answers, or null.
"""
import fcntl
import os
import select
import socket
import struct
import time

from slipway.exchange import arguments, reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SIOCGIFHWADDR = 0x8927
ARP, ARP_REPLY = 0x0806, 2
SOLICITATION, ADVERTISEMENT = 135, 136
# s between two questions: one of them may be lost.
PAUSE = 0.25


def mac_of(raw: bytes) -> str:
    return ":".join("%02x" % byte for byte in raw)


def own_mac(interface: str) -> bytes:
    """Asked of the kernel: in a container /sys may tell of the machine's interfaces."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        return fcntl.ioctl(channel, SIOCGIFHWADDR, struct.pack("256s", interface.encode()))[18:24]


def arp_question(own: bytes, address: str) -> bytes:
    """Without an address of the asker, so that nobody learns one from it."""
    return (b"\xff" * 6 + own + struct.pack("!HHHBBH", ARP, 1, 0x0800, 6, 4, 1)
            + own + b"\0" * 10 + socket.inet_aton(address))


def arp_answer(frame: bytes, own: bytes, address: str) -> "str | None":
    """The MAC address of whoever says that it has the address."""
    if len(frame) < 42 or frame[12:14] != struct.pack("!H", ARP) or frame[20:22] != struct.pack("!H", ARP_REPLY):
        return None
    sender = frame[22:28]
    return mac_of(sender) if frame[28:32] == socket.inet_aton(address) and sender != own else None


def solicitation(own: bytes, address: str) -> bytes:
    """The kernel writes its checksum."""
    return struct.pack("!BBHI", SOLICITATION, 0, 0, 0) + socket.inet_pton(socket.AF_INET6, address) + b"\x01\x01" + own


def advertisement(message: bytes, address: str) -> "str | None":
    if len(message) < 24 or message[0] != ADVERTISEMENT:
        return None
    if message[8:24] != socket.inet_pton(socket.AF_INET6, address):
        return None
    return mac_of(message[26:32]) if len(message) >= 32 and message[24] == 2 else "unknown"


def group_of(address: str) -> str:
    """The group that whoever has the address listens to."""
    return "ff02::1:ff%02x:%02x%02x" % tuple(socket.inet_pton(socket.AF_INET6, address)[-3:])


def who_has(address: str, interface: str, timeout: float) -> "str | None":
    own = own_mac(interface)
    if ":" in address:
        channel = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        channel.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        target: "Any" = (group_of(address), 0, 0, socket.if_nametoindex(interface))
        question = solicitation(own, address)
    else:
        channel = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP))
        target = (interface, 0)
        channel.bind(target)
        question = arp_question(own, address)
    with channel:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            channel.sendto(question, target)
            until = min(time.monotonic() + PAUSE, deadline)
            while select.select([channel], [], [], max(0.0, until - time.monotonic()))[0]:
                heard = channel.recv(1500)
                found = advertisement(heard, address) if ":" in address else arp_answer(heard, own, address)
                if found:
                    return found
    return None


def main() -> None:
    wanted = arguments()
    try:
        reply({"mac": who_has(wanted["address"], wanted["interface"], wanted["timeout"]), "error": None})
    except OSError as error:
        reply({"mac": None, "error": os.strerror(error.errno) if error.errno else str(error)})
