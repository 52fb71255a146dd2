"""Runs RKE2's own uninstall script, and removes what Slipway put beside it.

The script wipes all data of the node. It never touches etcd's membership, which must be gone before. It removes itself also
when it fails half-way, so that what counts is what is left afterwards.
"""
import contextlib
import os
import shutil

from slipway import commands, task
from slipway.rke2 import installed, keeping, marks, prepared
from slipway.rke2.tasks import host_settings, tools
from slipway.task import Failed, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

GUARDS = tuple("/etc/systemd/system/rke2-%s.service.d/10-slipway-guard.conf" % role for role in ("server", "agent"))
PREFIXES = (installed.DEFAULT_PREFIX, installed.OTHER_PREFIX, installed.PACKAGE_PREFIX)
LEFT_BEHIND = GUARDS + (
    "/etc/default/rke2-server",
    "/etc/default/rke2-agent",
    "/etc/rancher/rke2",
    prepared.CIS_PARAMETERS,
    "/var/lib/slipway/bootstrap-guard",
    "/var/lib/slipway/bootstrap-permit",
    installed.NOTE,
    marks.PLACE,
    installed.UPLOADS,
)


def uninstall(script: str, data_dir: str) -> None:
    prefix = os.path.dirname(os.path.dirname(script))
    # The script looks for units there, and ends where it cannot.
    os.makedirs(os.path.join(prefix, "lib", "systemd", "system"), exist_ok=True)
    # Of a link the script would remove the link alone, and leave the data.
    code, out, err = commands.run(script, RKE2_DATA_DIR=os.path.realpath(data_dir), INSTALL_RKE2_ROOT=prefix)
    if os.path.islink(data_dir) and not os.path.exists(data_dir):
        os.unlink(data_dir)
    prune(prefix)
    if code != 0:
        raise Failed("%s ended with %d: %s" % (script, code, (err or out).strip()[-1000:]))


def prune(prefix: str) -> None:
    """Removes the folders that a tarball makes, as far as nobody has put anything there."""
    made = ("lib/systemd/system", "lib/systemd")
    for part in made + (("lib", "bin", "share", "") if prefix == installed.OTHER_PREFIX else ()):
        with contextlib.suppress(OSError):
            os.rmdir(os.path.join(prefix, part).rstrip("/"))


def keep(data_dir: str, folder: str) -> "str | None":
    """What was kept, for people; before anything is wiped."""
    if not folder:
        return None
    try:
        count = keeping.keep_snapshots(data_dir, folder)
    except OSError as error:
        raise Failed("the snapshots cannot be kept in %s (%s); nothing was uninstalled" % (folder, error)) from error
    return "%d files of snapshots in %s" % (count, folder) if count else None


def find_left(paths: "tuple[str, ...]") -> "list[str]":
    return [path for path in paths if os.path.lexists(path)]


def remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.unlink(path)


def act(given: Task) -> "dict[str, Any]":
    data_dir = given.arguments["data_dir"]
    places = [os.path.join(prefix, "bin", "rke2-uninstall.sh") for prefix in PREFIXES]
    script = next((place for place in places if os.path.exists(place)), None)
    if given.check_mode:
        left_there = find_left(LEFT_BEHIND) or tools.ours(data_dir) or host_settings.is_ours()
        return {"changed": bool(script or left_there), "slipway_message": ""}
    kept = keep(data_dir, given.arguments["keep_snapshots"])
    if script:
        uninstall(script, data_dir)
    remaining = find_left((data_dir,) + tuple(os.path.join(prefix, "bin", "rke2") for prefix in PREFIXES))
    if remaining:
        why = "after %s" % script if script else "and no rke2-uninstall.sh is on this host any more"
        raise Failed("RKE2 is not removed: %s still there, %s" % (" and ".join(remaining), why))
    left = find_left(LEFT_BEHIND)
    for path in left:
        remove(path)
    for guard in set(GUARDS).intersection(left):
        with contextlib.suppress(OSError):  # Somebody else's drop-ins stay.
            os.rmdir(os.path.dirname(guard))
    tools.take_back(data_dir)
    # Last of all: nothing of RKE2 is left that they could stand in the way of.
    given_back = host_settings.give_back()
    changed = bool(script or left or given_back)
    message = "; ".join(["removed RKE2 and its data" + (", kept %s" % kept if kept else "")] + given_back)
    return {"changed": changed, "slipway_message": message if changed else ""}


def main() -> None:
    task.run(act)
