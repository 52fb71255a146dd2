"""Watches a systemd unit until it is active. Stands behind look.py and last_words.py; reads only.

Arguments as JSON on standard input: unit, deadline (s), restart_limit, hopeless_limit, lines, data_dir. Prints
{"progress"} lines and at last {"state": "active" | "failed" | "timeout", "reason", "restarts", "journal",
"said": {"kind", "text"}, "ca"}.

The state is asked for several times a second: systemd's signals come over D-Bus, for which the standard library has
nothing, and rke2's Type=notify with TimeoutStartSec=0 means that `systemctl start` may wait for ever.
"""
import json
import sys
import time

INTERVAL = 0.2
PROPERTIES = ("LoadState,ActiveState,SubState,Result,NRestarts,Job,ExecMainStatus,ExecStart,InvocationID,"
              "InactiveExitTimestampMonotonic")
# Results that say nothing about why: RKE2 ends with status 0 whatever is wrong, and systemd then misses its notice.
BARE_RESULTS = ("success", "protocol", "exit-code")


def state_of(unit):
    return key_values(Spawned("systemctl", "show", "--property=" + PROPERTIES, unit).output())


def by_systemd(now):
    result = now.get("Result") or ""
    return "" if result in BARE_RESULTS else " (systemd: %s)" % result


def verdict(now, restarts, wanted):
    """(state, reason) as soon as it is decided, else None."""
    active = now.get("ActiveState", "")
    if active == "active" and not number(now.get("Job")):
        return "active", ""
    if now.get("LoadState") == "masked":
        return "failed", "the unit is masked, so that nothing can start it"
    if now.get("LoadState") not in ("loaded", None):
        return "failed", "there is no such unit on the host (%s)" % now.get("LoadState")
    if active == "failed":
        return "failed", "it failed with exit status %s%s" % (now.get("ExecMainStatus"), by_systemd(now))
    if restarts > wanted["restart_limit"]:
        return "failed", "it ended and was restarted %d times%s" % (restarts, by_systemd(now))
    if active == "inactive" and not number(now.get("Job")):
        return "failed", "it is not running and nothing starts it"
    return None


class Journal:
    """What the unit has said since its start, and not in its life before."""

    def __init__(self, unit, first):
        self.unit = unit
        self.program = program_of(first)
        self.since = started_at(first)
        # It is asked to restart, and what it says while it stops is no reason of anything.
        leaves = first.get("ActiveState") in ("active", "deactivating", "reloading")
        self.ignored = [first.get("InvocationID")] if leaves else []
        self.entries = []

    def read(self):
        self.entries = read_journal(self.unit, self.program, self.since)
        return self

    def hopeless(self):
        return hopeless_ends(self.entries, self.ignored)

    def words(self, lines):
        return last_words(self.entries, lines, self.ignored)


def main():
    wanted = json.load(sys.stdin.buffer)
    unit = wanted["unit"]
    deadline = time.monotonic() + wanted["deadline"]
    base, said, journal, judged = None, None, None, 0
    while True:
        now = state_of(unit)
        journal = journal or Journal(unit, now)
        count = number(now.get("NRestarts")) or 0
        base = count if base is None else min(base, count)
        restarts = count - base
        decided = verdict(now, restarts, wanted)
        if decided is None and restarts > judged:
            judged = restarts
            ends = journal.read().hopeless()
            if ends >= wanted["hopeless_limit"]:
                decided = "failed", "it ended %d times for this reason" % ends
        if decided is None and time.monotonic() > deadline:
            decided = "timeout", "it is still %s (%s)" % (now.get("ActiveState"), now.get("SubState"))
        if decided:
            state, reason = decided
            break
        saying = "%s is %s (%s)" % (unit, now.get("ActiveState"), now.get("SubState"))
        if restarts > 0:
            saying += ", restarted %d times" % restarts
        if saying != said:
            said = saying
            print(json.dumps({"progress": saying}), flush=True)
        if is_abandoned():
            return
        time.sleep(INTERVAL)
    words, lines, ca = {"kind": "none", "text": ""}, [], None
    if state == "active":
        ca = authority(wanted["data_dir"])
    else:
        words, lines = journal.read().words(wanted["lines"])
    print(json.dumps({"state": state, "reason": reason, "restarts": restarts, "journal": lines, "said": words,
                      "ca": ca}))


main()
