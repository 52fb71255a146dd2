"""Raises the fence of a host; runs as root.

Arguments: directory, epoch, number, installation, cluster, force, takeover, wait (s). Tells {"state", "current", "holders",
"ended"}.
"""
import fcntl
import os
import pkgutil
import signal
import time

from slipway.exchange import arguments, reply
from slipway.fence_record import read_fence
from slipway.interpreter import module_python
from slipway.reading import names, read, text
from slipway.writing import write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

GRACE = 3.0  # s between SIGTERM and SIGKILL
# What there is of it in its folder.
PARTS = ("fence", "python", "lock", "raise.lock")


def refusal(now: "dict[str, Any] | None", wanted: "dict[str, Any]") -> "str | None":
    if now is None or wanted["force"]:
        return None
    if (now.get("installation"), now.get("cluster")) != (wanted["installation"], wanted["cluster"]):
        return "other-owner"
    if (now["epoch"], now["number"]) > (wanted["epoch"], wanted["number"]):
        return "lower"
    return None


def holders(lock: int) -> "list[int]":
    """Processes that hold the lock file open, besides this one, with what they are."""
    wanted = os.fstat(lock)
    found = []
    for pid in os.listdir("/proc"):
        if not pid.isdigit() or int(pid) == os.getpid():
            continue
        for descriptor in names("/proc/" + pid + "/fd"):
            try:
                state = os.stat("/proc/" + pid + "/fd/" + descriptor)
            except OSError:
                continue
            if (state.st_dev, state.st_ino) == (wanted.st_dev, wanted.st_ino):
                found.append(int(pid))
                break
    return found


def mark_of(pid: int) -> "str | None":
    for entry in (read("/proc/%d/environ" % pid) or b"").split(b"\0"):
        if entry.startswith(b"SLIPWAY_FENCE="):
            return entry[14:].decode("utf-8", "replace")
    return None


def describe(pid: int) -> "dict[str, Any]":
    command = (read("/proc/%d/cmdline" % pid, 4096) or b"").replace(b"\0", b" ").decode("utf-8", "replace").strip()
    return {"pid": pid, "command": command[:200], "mark": mark_of(pid)}


def family(pids: "Iterable[int]") -> "set[int]":
    """The processes and all their descendants that carry a mark: what a module has started ends with it."""
    parents = {}
    for pid in os.listdir("/proc"):
        stat = text("/proc/" + pid + "/stat") if pid.isdigit() else None
        if stat:
            fields = stat[stat.rindex(")") + 2:].split()
            if fields[0] not in "ZX":
                parents[int(pid)] = int(fields[1])
    found: "set[int]" = set()
    more: "set[int]" = set(pids)
    while more:
        found |= more
        more = {pid for pid, parent in parents.items() if parent in more} - found
    return {pid for pid in found if pid in parents and mark_of(pid) is not None}


def send(pids: "Iterable[int]", number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def end(pids: "Iterable[int]") -> int:
    """Ends marked processes and waits until they are gone."""
    ended: "set[int]" = set()
    deadline = time.monotonic() + GRACE
    left = family(pids)
    send(left, signal.SIGTERM)
    while left:
        ended |= left
        time.sleep(0.05)
        left = {pid for pid in family(left) if os.path.exists("/proc/%d" % pid)}
        if time.monotonic() > deadline:
            send(stopped(left), signal.SIGKILL)
    return len(ended)


def stopped(pids: "set[int]") -> "set[int]":
    """Brings marked processes to a standstill: one whose child ends before it would go on with its next step."""
    still: "set[int]" = set()
    more: "set[int]" = pids
    while more:
        send(more, signal.SIGSTOP)
        still |= more
        more = family(still) - still
    return still


def others(lock: int, own: str) -> "list[dict[str, Any]]":
    """What holds the lock for another fence than ours."""
    return [holder for holder in map(describe, holders(lock)) if holder["mark"] != own]


def drained(lock: int, own: str, wait: float) -> "list[dict[str, Any]]":
    """Waits until no module of another fence runs. Returns those that still do after the wait."""
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(lock, fcntl.LOCK_UN)
            return []
        except BlockingIOError:
            left = others(lock, own)
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(0.1)


def drain(lock: int, own: str, wanted: "dict[str, Any]") -> "dict[str, Any]":
    """Also when the fence stood already: who raised it may have died before he had waited."""
    left, ended = drained(lock, own, wanted["wait"]), 0
    marked = [holder["pid"] for holder in left if holder["mark"] is not None]
    if wanted["takeover"] and marked:
        ended = end(marked)
        left = drained(lock, own, 1)
    return {"holders": left[:20], "ended": ended}


def wrapper(directory: str) -> str:
    """The interpreter that compares before it becomes the host's Python."""
    content = (pkgutil.get_data("slipway", "interpreter.sh") or b"").decode()
    return content.replace("@DIRECTORY@", directory).replace("@PYTHON@", module_python()[0])


def main() -> None:
    wanted = arguments()
    directory = wanted["directory"]
    os.umask(0o022)
    os.makedirs(directory, exist_ok=True)
    os.chmod(directory, 0o755)
    raising = os.open(directory + "/raise.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(raising, fcntl.LOCK_EX)
    now = read_fence(directory)
    refused = refusal(now, wanted)
    if refused:
        reply({"state": refused, "current": now or None, "holders": [], "ended": 0})
        return
    lock = os.open(directory + "/lock", os.O_RDWR | os.O_CREAT, 0o644)
    os.fchmod(lock, 0o644)
    interpreter = wrapper(directory)
    if text(directory + "/python") != interpreter.strip():
        write_file(directory + "/python", interpreter.encode(), 0o755)
    line = "%d %d %s %s\n" % (wanted["epoch"], wanted["number"], wanted["installation"], wanted["cluster"])
    if text(directory + "/fence") != line.strip():
        write_file(directory + "/fence", line.encode(), 0o644)
    own = "%d.%d@%s/%s" % (wanted["epoch"], wanted["number"], wanted["installation"], wanted["cluster"])
    found = drain(lock, own, wanted)
    reply(dict(found, state="held" if found["holders"] else "raised", current=now))
