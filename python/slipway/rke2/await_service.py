"""Watches a systemd unit until it is active. Reads only.

Arguments: unit, deadline (s), restart_limit, hopeless_limit, lines, data_dir. Tells
progress and at last {"state": "active" | "failed" | "timeout", "reason", "restarts", "journal",
"said": {"kind", "text"}, "ca"}.

The state is asked for several times a second: systemd's signals come over D-Bus, for which the standard library has
nothing, and rke2's Type=notify with TimeoutStartSec=0 means that `systemctl start` may wait for ever.
"""
import time

from slipway.exchange import arguments, progress, reply
from slipway.reading import key_values, number
from slipway.rke2.authority import authority
from slipway.rke2.last_words import hopeless_ends, last_words, program_of, read_journal, started_at
from slipway.spawned import Spawned, is_abandoned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from slipway.rke2.last_words import Entry

INTERVAL = 0.2
PROPERTIES = ("LoadState,ActiveState,SubState,Result,NRestarts,Job,ExecMainStatus,ExecStart,InvocationID,"
              "InactiveExitTimestampMonotonic")
# Results that say nothing about why: RKE2 ends with status 0 whatever is wrong, and systemd then misses its notice.
BARE_RESULTS = ("success", "protocol", "exit-code")


def state_of(unit: str) -> "dict[str, str]":
    return key_values(Spawned("systemctl", "show", "--property=" + PROPERTIES, unit).output())


def by_systemd(now: "dict[str, str]") -> str:
    result = now.get("Result") or ""
    return "" if result in BARE_RESULTS else " (systemd: %s)" % result


def verdict(now: "dict[str, str]", restarts: int, wanted: "dict[str, Any]") -> "tuple[str, str] | None":
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

    def __init__(self, unit: str, first: "dict[str, str]") -> None:
        self.unit = unit
        self.program = program_of(first)
        self.since = started_at(first)
        # It is asked to restart, and what it says while it stops is no reason of anything.
        leaves = first.get("ActiveState") in ("active", "deactivating", "reloading")
        self.ignored = [first.get("InvocationID")] if leaves else []
        self.entries: "list[Entry]" = []

    def read(self) -> "Journal":
        self.entries = read_journal(self.unit, self.program, self.since)
        return self

    def hopeless(self) -> int:
        return hopeless_ends(self.entries, self.ignored)

    def words(self, lines: int) -> "tuple[dict[str, str], list[str]]":
        return last_words(self.entries, lines, self.ignored)


class Watch:
    """One unit, from when its start was asked for."""

    def __init__(self, wanted: "dict[str, Any]") -> None:
        self.wanted = wanted
        self.unit = wanted["unit"]
        self.journal: "Journal | None" = None
        self.base: "int | None" = None
        self.judged = 0
        self.restarts = 0

    def decided(self, now: "dict[str, str]", deadline: float) -> "tuple[str, str] | None":
        self.journal = self.journal or Journal(self.unit, now)
        count = number(now.get("NRestarts")) or 0
        self.base = count if self.base is None else min(self.base, count)
        self.restarts = count - self.base
        found = verdict(now, self.restarts, self.wanted)
        if found is None and self.restarts > self.judged:
            self.judged = self.restarts
            ends = self.journal.read().hopeless()
            if ends >= self.wanted["hopeless_limit"]:
                return "failed", "it ended %d times for this reason" % ends
        if found is None and time.monotonic() > deadline:
            return "timeout", "it is still %s (%s)" % (now.get("ActiveState"), now.get("SubState"))
        return found

    def saying(self, now: "dict[str, str]") -> str:
        said = "%s is %s (%s)" % (self.unit, now.get("ActiveState"), now.get("SubState"))
        return said + (", restarted %d times" % self.restarts if self.restarts > 0 else "")

    def told(self, state: str, reason: str) -> "dict[str, Any]":
        words: "dict[str, str]" = {"kind": "none", "text": ""}
        lines: "list[str]" = []
        if state != "active" and self.journal:
            words, lines = self.journal.read().words(self.wanted["lines"])
        return {"state": state, "reason": reason, "restarts": self.restarts, "journal": lines, "said": words,
                "ca": authority(self.wanted["data_dir"]) if state == "active" else None}


def main() -> None:
    wanted = arguments()
    watch, said = Watch(wanted), None
    deadline = time.monotonic() + wanted["deadline"]
    while True:
        now = state_of(watch.unit)
        decided = watch.decided(now, deadline)
        if decided:
            reply(watch.told(*decided))
            return
        saying = watch.saying(now)
        if saying != said:
            said = saying
            progress(saying)
        if is_abandoned():
            return
        time.sleep(INTERVAL)
