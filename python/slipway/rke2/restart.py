"""The mark that a running service has yet to be restarted with what was changed for it. No crash loses it.

It stands before the change is made, with no invocation: whatever runs may have read anything. Behind the change it names
the invocation that systemd runs at that moment; every later one, by whomever and also after a boot, has read all of it.
So the mark is never wrong in the dangerous direction, and needs no clock.
"""
import contextlib
import os

from slipway import commands
from slipway.reading import key_values
from slipway.rke2 import marks
from slipway.writing import sync_folder, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ALIVE = ("active", "activating", "reloading")
PROPERTIES = "LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,InvocationID"


def unit_state(unit: str) -> "dict[str, str]":
    """What systemd says of a unit, by property. Raises Failed where systemd does not answer."""
    asked = ("systemctl", "show", "--property=" + PROPERTIES, unit + ".service")
    return key_values(commands.must(*asked, code="service-failed"))


def is_alive(state: "dict[str, str]") -> bool:
    return state.get("ActiveState") in ALIVE


def is_pending(unit: str, state: "dict[str, str]") -> bool:
    """Whether the invocation that runs is older than what was changed for it."""
    return is_alive(state) and marks.is_noted(unit, state.get("InvocationID"))


@contextlib.contextmanager
def restart_due(units: "Iterable[str]") -> "Iterator[None]":
    """Around a change of what these units have read. A unit that does not run needs no mark: its start reads all."""
    running = [unit for unit in units if is_alive(unit_state(unit))]
    if running:
        _write(dict(marks.read_marks(), **dict.fromkeys(running, "")))
    yield
    if running:
        _write(dict(marks.read_marks(), **{unit: unit_state(unit).get("InvocationID", "") for unit in running}))


def settle(unit: str, state: "dict[str, str]") -> None:
    """Names the invocation in a mark that a crash left without one, once all of the change is known to be made."""
    found = marks.read_marks()
    if found.get(unit) == "":
        _write(dict(found, **{unit: state.get("InvocationID", "")}))


def forget(unit: str) -> None:
    found = marks.read_marks()
    if found.pop(unit, None) is not None:
        _write(found)


def _write(found: "dict[str, str]") -> None:
    if found:
        lines = ["%s %s\n" % mark for mark in sorted(found.items())]
        write_file(marks.PLACE, "".join(lines).encode("utf-8"), 0o644)
    elif os.path.exists(marks.PLACE):
        os.unlink(marks.PLACE)
        sync_folder(os.path.dirname(marks.PLACE))
