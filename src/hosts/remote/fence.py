"""Raises the fence of a host. Stands behind look.py; runs as root.

Arguments as JSON on standard input: directory, epoch, number, installation, cluster, force, takeover, wait (s),
wrapper (text of python.sh). Prints {"state", "current", "holders", "ended"}.
"""
import fcntl
import json
import os
import signal
import sys
import time

GRACE = 3.0  # s between SIGTERM and SIGKILL


def write(path, content, mode):
    """Whole or not at all, also when the power goes."""
    descriptor = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, content.encode())
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(path + ".new", path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def current(directory):
    """The fence as it stands; None when there is none, {} when the file says something else."""
    content = text(directory + "/fence")
    if content is None:
        return None
    fields = content.split()
    if len(fields) != 4 or not (fields[0].isdigit() and fields[1].isdigit()):
        return {}
    return {"epoch": int(fields[0]), "number": int(fields[1]), "installation": fields[2], "cluster": fields[3]}


def refusal(now, wanted):
    if now is None or wanted["force"]:
        return None
    if (now.get("installation"), now.get("cluster")) != (wanted["installation"], wanted["cluster"]):
        return "other-owner"
    if (now["epoch"], now["number"]) > (wanted["epoch"], wanted["number"]):
        return "lower"
    return None


def holders(lock):
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


def mark_of(pid):
    for entry in (read("/proc/%d/environ" % pid) or b"").split(b"\0"):
        if entry.startswith(b"SLIPWAY_FENCE="):
            return entry[14:].decode("utf-8", "replace")
    return None


def describe(pid):
    command = (read("/proc/%d/cmdline" % pid, 4096) or b"").replace(b"\0", b" ").decode("utf-8", "replace").strip()
    return {"pid": pid, "command": command[:200], "mark": mark_of(pid)}


def family(pids):
    """The processes and all their descendants that carry a mark: what a module has started ends with it."""
    parents = {}
    for pid in os.listdir("/proc"):
        stat = text("/proc/" + pid + "/stat") if pid.isdigit() else None
        if stat:
            fields = stat[stat.rindex(")") + 2:].split()
            if fields[0] not in "ZX":
                parents[int(pid)] = int(fields[1])
    found, more = set(), set(pids)
    while more:
        found |= more
        more = {pid for pid, parent in parents.items() if parent in more} - found
    return {pid for pid in found if pid in parents and mark_of(pid) is not None}


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def end(pids):
    """Ends marked processes and waits until they are gone."""
    ended = set()
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


def stopped(pids):
    """Brings marked processes to a standstill: one whose child ends before it would go on with its next step."""
    still, more = set(), pids
    while more:
        send(more, signal.SIGSTOP)
        still |= more
        more = family(still) - still
    return still


def others(lock, own):
    """What holds the lock for another fence than ours."""
    return [holder for holder in map(describe, holders(lock)) if holder["mark"] != own]


def drained(lock, own, wait):
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


def drain(lock, own, wanted):
    """Also when the fence stood already: who raised it may have died before he had waited."""
    left, ended = drained(lock, own, wanted["wait"]), 0
    marked = [holder["pid"] for holder in left if holder["mark"] is not None]
    if wanted["takeover"] and marked:
        ended = end(marked)
        left = drained(lock, own, 1)
    return {"holders": left[:20], "ended": ended}


def main():
    wanted = json.load(sys.stdin.buffer)
    directory = wanted["directory"]
    os.umask(0o022)
    os.makedirs(directory, exist_ok=True)
    os.chmod(directory, 0o755)
    raising = os.open(directory + "/raise.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(raising, fcntl.LOCK_EX)
    now = current(directory)
    refused = refusal(now, wanted)
    if refused:
        print(json.dumps({"state": refused, "current": now or None, "holders": [], "ended": 0}))
        return
    lock = os.open(directory + "/lock", os.O_RDWR | os.O_CREAT, 0o644)
    os.fchmod(lock, 0o644)
    wrapper = wanted["wrapper"].replace("@DIRECTORY@", directory).replace("@PYTHON@", module_python()[0])
    if text(directory + "/python") != wrapper.strip():
        write(directory + "/python", wrapper, 0o755)
    line = "%d %d %s %s\n" % (wanted["epoch"], wanted["number"], wanted["installation"], wanted["cluster"])
    if text(directory + "/fence") != line.strip():
        write(directory + "/fence", line, 0o644)
    own = "%d.%d@%s/%s" % (wanted["epoch"], wanted["number"], wanted["installation"], wanted["cluster"])
    found = drain(lock, own, wanted)
    print(json.dumps(dict(found, state="held" if found["holders"] else "raised", current=now)))


main()
