"""Why a service ended, from its journal. Reads only.

What is printed last is seldom the reason: systemd tells that it stops and starts the service, the unit's helpers complain
about things that hinder nobody, and a service that ended with status 0 was not well either. The reason is the last fatal
line since the start, else the last error, else the last line of the service's own program.
"""
import json
import os
import re
import time

from slipway.reading import number
from slipway.spawned import Spawned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

LINES = 3000  # of the journal that are looked at
LONGEST = 1500  # characters of a reason
NOTED, HELPER, OWN, ERROR, FATAL = range(5)
KINDS = {NOTED: "line", HELPER: "line", OWN: "line", ERROR: "error", FATAL: "fatal"}
LEVELS = {"fatal": FATAL, "panic": FATAL, "dpanic": FATAL, "critical": FATAL, "error": ERROR, "err": ERROR}

COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
FIELD = re.compile(r'([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|\S*)')
KLOG = re.compile(r"^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ \S+:\d+\] (.*)$", re.S)
PANIC = re.compile(r"^(?:panic: |fatal error: |runtime: out of memory)")
VARIABLE = re.compile(r"[0-9a-f]{8,}|\d+")
# What passes by itself: the next start of the service may well succeed.
PASSING = re.compile(
    r"too many learner|connection (?:refused|reset|timed out)|no route to host|network is unreachable|deadline exceeded|"
    r"time(?:d )?[ -]?out|temporary failure|server misbehaving|try again|not (?:yet )?ready|unavailable|unhealthy cluster|"
    r"no leader|leader changed|context cancell?ed|unexpected EOF|\bEOF$|broken pipe|starting up|in progress|"
    r"address already in use|50[0234]\b|too many requests", re.I)


def unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value[1:-1].replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t")


def with_cause(message: str, cause: object) -> str:
    return "%s: %s" % (message, cause) if cause and str(cause) not in message else message


def parsed(line: str) -> "tuple[int, str]":
    """(weight, text) of one line as programs in Go write them: logrus, JSON, klog, a panic; anything else as it is."""
    line = COLOUR.sub("", line).strip()
    if line.startswith("{"):
        try:
            said = json.loads(line)
        except ValueError:
            return OWN, line
        if isinstance(said, dict) and ("msg" in said or "message" in said):
            level = str(said.get("level") or said.get("severity") or "").lower()
            message = str(said.get("msg") or said.get("message"))
            return LEVELS.get(level, OWN), with_cause(message, said.get("error") or said.get("err"))
        return OWN, line
    if "level=" in line:
        fields = dict(reversed(FIELD.findall(line)))
        if "level" in fields and "msg" in fields:
            cause = unquoted(fields.get("error") or fields.get("err") or "")
            return LEVELS.get(unquoted(fields["level"]).lower(), OWN), with_cause(unquoted(fields["msg"]), cause)
    klog = KLOG.match(line)
    if klog:
        return {"F": FATAL, "E": ERROR}.get(klog.group(1), OWN), klog.group(2)
    return (FATAL if PANIC.match(line) else OWN), line


class Entry:
    def __init__(self, fields: "dict[str, Any]", unit: str, program: str) -> None:
        message = fields.get("MESSAGE")
        if isinstance(message, list):
            message = bytes(message).decode("utf-8", "replace")
        self.line = (message or "").rstrip("\n")
        self.invocation = fields.get("_SYSTEMD_INVOCATION_ID") or fields.get("INVOCATION_ID")
        self.weight, self.text = parsed(self.line)
        speaker = str(fields.get("SYSLOG_IDENTIFIER") or "")
        if fields.get("_SYSTEMD_UNIT") != unit or speaker.startswith("(") or speaker == "systemd":
            self.weight = NOTED
        elif self.weight == OWN and speaker != program:
            self.weight = HELPER


def entries_of(output: str, unit: str, program: str) -> "list[Entry]":
    entries = []
    for line in output.splitlines():
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        entry = Entry(fields, unit, program)
        if entry.line.strip():
            entries.append(entry)
    return entries


def read_journal(unit: str, program: str, since: float) -> "list[Entry]":
    """The entries of a unit since a time (s of the epoch), of systemd about it as well, the oldest first."""
    fields = "MESSAGE,SYSLOG_IDENTIFIER,_SYSTEMD_INVOCATION_ID,INVOCATION_ID,_SYSTEMD_UNIT"
    journal = Spawned(
        "journalctl", "--unit", unit, "--since", "@%d" % since, "--lines", str(LINES), "--no-pager", "--quiet",
        "--output=json", "--output-fields=" + fields)
    return entries_of(journal.output(), unit, program)


def reason_in(entries: "list[Entry]", ignored: "Sequence[str | None]" = ()) -> "int | None":
    """Place of the entry that says most about the end; None when nothing was said. `ignored`: invocations that are not
    meant."""
    best: "int | None" = None
    for place, entry in enumerate(entries):
        if entry.invocation in ignored and entry.invocation is not None:
            continue
        if best is None or entry.weight >= entries[best].weight:
            best = place
    return best


def signature(text: str) -> str:
    return VARIABLE.sub("#", text)


def hopeless_ends(entries: "list[Entry]", ignored: "Sequence[str | None]" = ()) -> int:
    """How often in a row, up to now, the service ended with the same fatal words, where they are none that pass."""
    last: "dict[str | None, str]" = {}
    for entry in entries:
        if entry.weight == FATAL and entry.invocation not in ignored:
            last[entry.invocation] = entry.text
    words = list(last.values())
    if not words or PASSING.search(words[-1]):
        return 0
    count = 0
    for text in reversed(words):
        if signature(text) != signature(words[-1]):
            break
        count += 1
    return count


def last_words(
    entries: "list[Entry]", lines: int, ignored: "Sequence[str | None]" = ()
) -> "tuple[dict[str, str], list[str]]":
    """{"kind": "fatal" | "error" | "line" | "none", "text"}, and the lines of the journal that lead there."""
    place = reason_in(entries, ignored)
    if place is None:
        return {"kind": "none", "text": ""}, []
    entry = entries[place]
    shown = [each.line[:500] for each in entries[max(0, place + 1 - lines):place + 1]]
    return {"kind": KINDS[entry.weight], "text": entry.text[:LONGEST]}, shown


def started_at(now: "dict[str, str]") -> float:
    """When the unit left its rest, s of the epoch: what it said before is of an earlier time."""
    moment = number(now.get("InactiveExitTimestampMonotonic"))
    if not moment:
        return time.time() - 1
    return max(0, time.time() - (time.monotonic() - moment / 1e6) - 1)


def program_of(now: "dict[str, str]") -> str:
    """What the journal calls the unit's own program: the name of its file."""
    found = re.search(r"path=(\S+)", now.get("ExecStart") or "")
    return os.path.basename(found.group(1)) if found else ""
