"""One JSON object a line to the file descriptor that Slipway reads. Shared by run.py and the callback plugin."""

import json
import os

_descriptor = int(os.environ["SLIPWAY_EVENTS_FD"]) if os.environ.get("SLIPWAY_EVENTS_FD") else None

if _descriptor is not None:
    os.set_inheritable(_descriptor, False)


def enabled():
    return _descriptor is not None


def expected():
    """What Slipway means: hosts with their connection variables, groups, targets, environment."""
    with open(os.environ["SLIPWAY_EXPECTED"], encoding="utf-8") as file:
        return json.load(file)


def emit(**event):
    """Writes one event whole. When nobody reads any more, the play must not go on unseen."""
    if _descriptor is None:
        return
    line = (json.dumps(event, ensure_ascii=True, separators=(",", ":")) + "\n").encode("ascii")
    try:
        while line:
            line = line[os.write(_descriptor, line):]
    except OSError as error:
        raise SystemExit("Slipway no longer reads the events: %s" % error) from error
