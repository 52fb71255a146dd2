"""Addresses of a host and what listens on them."""
import _socket
import os
import struct

from slipway.reading import names, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RTM_GETADDR, NLMSG_DONE, NLM_F_DUMP, IFA_ADDRESS, IFA_LOCAL = 22, 3, 0x301, 1, 2


def on_interfaces() -> "list[dict[str, Any]] | None":
    """Every address of every interface but the loopback's, with the interface and the prefix length; None where the kernel
    does not say. Asked over netlink: no tool has to be there, and it says nothing of routes, of which there may be a
    million."""
    try:
        kernel = _socket.socket(_socket.AF_NETLINK, _socket.SOCK_RAW, 0)
        kernel.settimeout(2)
        kernel.send(struct.pack("=IHHIIBBBBI", 24, RTM_GETADDR, NLM_F_DUMP, 1, 0, 0, 0, 0, 0, 0))
        found: "list[dict[str, Any]]" = []
        while True:
            reply, at = kernel.recv(1 << 18), 0
            while at + 16 <= len(reply):
                length, kind = struct.unpack_from("=IH", reply, at)
                if kind != RTM_GETADDR - 2:
                    kernel.close()
                    return found if kind == NLMSG_DONE else None
                message = reply[at + 16:at + length]
                found += [{"interface": interface_of(message), "address": address, "prefix": message[1]}
                          for address in address_of(message)]
                at += (length + 3) & ~3
    except (OSError, AttributeError, struct.error):
        return None


def interface_of(message: bytes) -> str:
    """Its name; empty where it has gone since."""
    try:
        return _socket.if_indextoname(struct.unpack_from("=I", message, 4)[0])
    except OSError:
        return ""


def address_of(message: bytes) -> "list[str]":
    """The address of one interface: on a link between two points IFA_ADDRESS is the other end's."""
    told: "dict[int, bytes]" = {}
    family, at = message[0], 8
    while at + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, at)
        if length < 4:
            break
        told[kind] = message[at + 4:at + length]
        at += (length + 3) & ~3
    raw = told.get(IFA_LOCAL, told.get(IFA_ADDRESS))
    if family not in (_socket.AF_INET, _socket.AF_INET6) or raw is None:
        return []
    address = _socket.inet_ntop(family, raw)
    return [] if address == "::1" or address.startswith("127.") else [address]


def bound_address(shown: str) -> str:
    """As /proc/net/tcp shows it: words of four bytes in the host's own order."""
    raw = b"".join(struct.pack("=I", int(shown[at:at + 8], 16)) for at in range(0, len(shown), 8))
    address = _socket.inet_ntop(_socket.AF_INET if len(raw) == 4 else _socket.AF_INET6, raw)
    return address[7:] if address.startswith("::ffff:") else address


def listening(interesting: "list[int]") -> "list[dict[str, Any]]":
    """Listening TCP ports with their addresses; who listens is looked up for the interesting ones only, as it means a walk
    over /proc."""
    sockets: "dict[int, list[tuple[str, str]]]" = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in (text(table) or "").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                address, port = fields[1].split(":")
                sockets.setdefault(int(port, 16), []).append((fields[9], bound_address(address)))
    wanted = {inode for port in interesting for inode, _ in sockets.get(port, [])}
    holders = holders_of(wanted) if wanted else {}
    return [{"port": port, "addresses": sorted({address for _, address in held})[:50],
             "process": next((holders[inode] for inode, _ in held if inode in holders), None)}
            for port, held in sorted(sockets.items())]


def holders_of(inodes: "set[str]") -> "dict[str, str | None]":
    found: "dict[str, str | None]" = {}
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        for descriptor in names("/proc/" + pid + "/fd"):
            try:
                link = os.readlink("/proc/" + pid + "/fd/" + descriptor)
            except OSError:
                continue
            if link.startswith("socket:[") and link[8:-1] in inodes:
                found[link[8:-1]] = text("/proc/" + pid + "/comm")
                if len(found) == len(inodes):
                    return found
    return found
