"""Looks for snapshots of etcd in a folder: the newest one and how many there are. Reads names, sizes and times only, never a
snapshot."""
import errno
import os
import signal
import stat
import time

from slipway.exchange import arguments, reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# etcd and RKE2 write under such a name first; what still has it was never finished.
UNFINISHED = (".part", ".tmp")


def finished(folder: str) -> "list[tuple[float, str, int]]":
    """(modified, name, size) of each finished snapshot."""
    found = []
    for name in os.listdir(folder):
        if name.startswith(".") or name.endswith(UNFINISHED):
            continue
        try:
            seen = os.stat(os.path.join(folder, name))
        except OSError:
            continue  # removed meanwhile: old ones are, at each new one
        if stat.S_ISREG(seen.st_mode) and seen.st_size > 0:
            found.append((seen.st_mtime, name, seen.st_size))
    return found


def look(folder: str, now: float) -> "dict[str, Any]":
    try:
        found = finished(folder)
    except OSError as error:
        state = "missing" if error.errno == errno.ENOENT else "unreadable"
        return {"folder_state": state, "newest": None, "count": 0}
    newest = None
    if found:
        modified, name, size = max(found)
        # Its age is by the clock that dated it: ours may be another one.
        name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        newest = {"name": name, "size": size, "modified": modified, "age_s": max(0, now - modified)}
    return {"folder_state": "present", "newest": newest, "count": len(found)}


def main() -> None:
    wanted = arguments()
    signal.alarm(int(wanted["deadline"]))
    reply(look(wanted["folder"], time.time()))
