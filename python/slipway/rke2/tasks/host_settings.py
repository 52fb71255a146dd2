"""Sets services of a host right that stand in RKE2's way, and gives them back as they were.

What is turned off is written down before, as it was. What is written for a service is marked until the service has read it:
whoever finds the mark lets it read once more.
"""
import os

from slipway import commands, task
from slipway.reading import key_values
from slipway.rke2 import host_settings
from slipway.rke2.configuration import MARK
from slipway.rke2.host_settings import RECORD, is_enabled, is_on, is_running, read_record
from slipway.selinux import restore_labels
from slipway.task import Failed, Task
from slipway.writing import read_bytes, sync_folder, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROPERTIES = "LoadState,ActiveState,UnitFileState"
SERVICES = {"network-manager": host_settings.NETWORK_MANAGER, "fapolicyd": host_settings.FAPOLICYD}


def unit_state(unit: str) -> "dict[str, str]":
    return key_values(commands.must("systemctl", "show", "--property=" + PROPERTIES, unit))


def write_record(record: "dict[str, list[str]]") -> None:
    if record:
        lines = [" ".join([name] + words) + "\n" for name, words in sorted(record.items())]
        write_file(RECORD, "".join(lines).encode("utf-8"), 0o644)
    elif os.path.exists(RECORD):
        os.unlink(RECORD)
        sync_folder(os.path.dirname(RECORD))


def turn_off(unit: str, check_mode: bool) -> "str | None":
    """What was done, for people."""
    state = unit_state(unit)
    if not is_on(state):
        return None
    if not check_mode:
        record = read_record()
        # Whoever turned it on again in between has not changed how it was.
        if unit not in record:
            was = [word for word, true in (("enabled", is_enabled(state)), ("active", is_running(state))) if true]
            write_record(dict(record, **{unit: was}))
        commands.must("systemctl", "disable", "--now", unit)
    return "turned %s off" % unit


def turn_on(unit: str, was: "list[str]") -> "str | None":
    state = unit_state(unit)
    if state["LoadState"] != "loaded":
        return "%s was on before and is %s now" % (unit, state["LoadState"])
    if "enabled" in was and not is_enabled(state):
        commands.must("systemctl", "enable", unit)
    if "active" in was and not is_running(state):
        commands.must("systemctl", "start", unit)
    return "turned %s on again" % unit


def let_read(service: str) -> None:
    """A service that does not run reads all at its start."""
    if service == "network-manager":
        if unit_state("NetworkManager.service")["ActiveState"] == "active":
            commands.must("systemctl", "reload", "NetworkManager.service")
    elif unit_state("fapolicyd.service")["LoadState"] == "loaded":
        commands.must("fagenrules", "--load")
        commands.must("systemctl", "try-restart", "fapolicyd.service")


def put(service: str, content: "bytes | None", check_mode: bool) -> "str | None":
    """Brings the file of a service to this content (None: none is to be there), and lets the service read it."""
    path = SERVICES[service]
    current = read_bytes(path)
    stale = service in read_record() or (
        service == "fapolicyd" and current is not None and not host_settings.has_loaded(current.decode("utf-8", "replace")))
    if current == content and not stale:
        return None
    if content is None and not (current or MARK).startswith(MARK):
        return None
    if not check_mode:
        write_record(dict(read_record(), **{service: ["pending"]}))
        if content is not None:
            write_file(path, content, 0o644)
            restore_labels([path])
        elif current is not None:
            os.unlink(path)
            sync_folder(os.path.dirname(path))
        let_read(service)
        write_record({name: words for name, words in read_record().items() if name != service})
    return ("wrote " if content is not None else "removed ") + path


def act(given: Task) -> "dict[str, Any]":
    wanted = given.arguments
    try:
        done = [turn_off(unit, given.check_mode) for unit in wanted["units_off"]]
        done += [put(service, content.encode("utf-8"), given.check_mode)
                 for service, content in (("network-manager", wanted["network_manager"]), ("fapolicyd", wanted["fapolicyd"]))
                 if content]
    except OSError as error:
        raise Failed("%s: %s" % (error.filename or RECORD, error.strerror)) from error
    return task.changed([one for one in done if one])


def is_ours() -> bool:
    """Whether there is anything to give back."""
    return bool(read_record()) or any((read_bytes(path) or b"").startswith(MARK) for path in SERVICES.values())


def give_back() -> "list[str]":
    """All as it was before, for a host that RKE2 has left; what was done, for people."""
    done = [put(service, None, False) for service in SERVICES]
    for unit, was in read_record().items():
        done.append(turn_on(unit, was))
        write_record({name: words for name, words in read_record().items() if name != unit})
    return [one for one in done if one]


def main() -> None:
    task.run(act)
