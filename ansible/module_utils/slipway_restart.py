"""The mark that a running service has yet to be restarted with what was changed for it. No crash loses it.

It stands before the change is made, with no invocation: whatever runs may have read anything. Behind the change it names
the invocation that systemd runs at that moment; every later one, by whomever and also after a boot, has read all of it.
So the mark is never wrong in the dangerous direction, and needs no clock. Lines of `UNIT [INVOCATION]`; the probe of
src/hosts reads it too.
"""

import contextlib
import os

from ansible.module_utils.slipway_files import read_bytes, sync_folder, write_file

MARK = "/var/lib/slipway/restart-pending"
ALIVE = ("active", "activating", "reloading")


def unit_state(module, unit):
    """What systemd says of a unit, as a dict of its properties; fails the module when systemd does not answer."""
    names = "LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,InvocationID"
    command = [module.get_bin_path("systemctl", required=True), "show", "--property=" + names, unit + ".service"]
    code, out, err = module.run_command(command)
    if code != 0:
        reason = "%s: %s" % (" ".join(command[1:]), (err or out).strip()[-500:])
        module.fail_json(msg=reason, slipway_message=reason, slipway_code="service-failed")
    return dict(line.split("=", 1) for line in out.splitlines() if "=" in line)


def is_alive(state):
    return state.get("ActiveState") in ALIVE


def is_pending(unit, state):
    """Whether the invocation that runs is older than what was changed for it."""
    noted = _marks().get(unit)
    return is_alive(state) and noted is not None and noted in ("", state.get("InvocationID"))


@contextlib.contextmanager
def restart_due(module, units):
    """Around a change of what these units have read. A unit that does not run needs no mark: its start reads all."""
    running = [unit for unit in units if is_alive(unit_state(module, unit))]
    if running:
        _write(dict(_marks(), **{unit: "" for unit in running}))
    yield
    if running:
        _write(dict(_marks(), **{unit: unit_state(module, unit).get("InvocationID", "") for unit in running}))


def settle(unit, state):
    """Names the invocation in a mark that a crash left without one, once all of the change is known to be made."""
    if _marks().get(unit) == "":
        _write(dict(_marks(), **{unit: state.get("InvocationID", "")}))


def forget(unit):
    marks = _marks()
    if marks.pop(unit, None) is not None:
        _write(marks)


def _marks():
    lines = (read_bytes(MARK) or b"").decode("utf-8", "replace").splitlines()
    return {fields[0]: "".join(fields[1:2]) for fields in map(str.split, lines) if fields}


def _write(marks):
    if marks:
        write_file(MARK, "".join("%s %s\n" % mark for mark in sorted(marks.items())).encode("utf-8"), 0o644)
    elif os.path.exists(MARK):
        os.unlink(MARK)
        sync_folder(os.path.dirname(MARK))
