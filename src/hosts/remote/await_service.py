"""Watches a systemd unit until it is active. Stands behind look.py; reads only.

Arguments as JSON on standard input: unit, deadline (s), restart_limit, lines, data_dir. Prints {"progress"} lines and at last
{"state": "active" | "failed" | "timeout", "reason", "restarts", "journal", "last_word"}.

The state is asked for several times a second: systemd's signals come over D-Bus, for which the standard library has
nothing, and rke2's Type=notify with TimeoutStartSec=0 means that `systemctl start` may wait for ever.
"""
import json
import sys
import time

INTERVAL = 0.2
PROPERTIES = "LoadState,ActiveState,SubState,Result,NRestarts,Job,ExecMainStatus"


def state_of(unit):
    return key_values(Spawned("systemctl", "show", "--property=" + PROPERTIES, unit).output())


def verdict(now, restarts, wanted):
    """(state, reason) as soon as it is decided, else None."""
    active = now.get("ActiveState", "")
    if active == "active" and not number(now.get("Job")):
        return "active", ""
    if now.get("LoadState") not in ("loaded", None):
        return "failed", "there is no such unit on the host (%s)" % now.get("LoadState")
    if active == "failed":
        return "failed", "it failed: %s, exit status %s" % (now.get("Result"), now.get("ExecMainStatus"))
    if restarts > wanted["restart_limit"]:
        return "failed", "it was restarted %d times: %s" % (restarts, now.get("Result"))
    if active == "inactive" and not number(now.get("Job")):
        return "failed", "it is not running and nothing starts it"
    return None


def journal(lines, *which):
    shown = Spawned("journalctl", *which, "--lines", str(lines), "--no-pager", "--quiet", "--output=cat").output()
    return [line[:500] for line in shown.splitlines()[-lines:]]


def last_word(unit):
    """What the service itself said last: behind it systemd tells that it stops and starts it, which explains nothing."""
    return (journal(1, "_SYSTEMD_UNIT=" + unit) or journal(1, "--unit", unit) or [""])[-1]


def main():
    wanted = json.load(sys.stdin.buffer)
    unit = wanted["unit"]
    deadline = time.monotonic() + wanted["deadline"]
    base, said = None, None
    while True:
        now = state_of(unit)
        count = number(now.get("NRestarts")) or 0
        base = count if base is None else min(base, count)
        decided = verdict(now, count - base, wanted)
        if decided is None and time.monotonic() > deadline:
            decided = "timeout", "it is still %s (%s)" % (now.get("ActiveState"), now.get("SubState"))
        if decided:
            state, reason = decided
            break
        saying = "%s is %s (%s)" % (unit, now.get("ActiveState"), now.get("SubState"))
        if count > base:
            saying += ", restarted %d times" % (count - base)
        if saying != said:
            said = saying
            print(json.dumps({"progress": saying}), flush=True)
        if is_abandoned():
            return
        time.sleep(INTERVAL)
    well = state == "active"
    print(json.dumps({"state": state, "reason": reason, "restarts": count - base,
                      "journal": [] if well else journal(wanted["lines"], "--unit", unit),
                      "last_word": "" if well else last_word(unit),
                      "ca": authority(wanted["data_dir"]) if well else None}))


main()
