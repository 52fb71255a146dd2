"""Puts what holds a VIP on a server, or takes it away again: keepalived in an instance of its own, or kube-vip's static pod.

keepalived of others is left alone: our instance has its own unit, configuration and pid files. The package is removed again
only where it was installed for this, and nobody else has come to use it.
"""
import contextlib
import json
import os
import re
import time

from slipway import commands, packages, task
from slipway.digests import sha256
from slipway.network import on_interfaces
from slipway.rke2 import vip
from slipway.rke2.configuration import MARK
from slipway.rke2.restart import unit_state
from slipway.selinux import restore_labels
from slipway.task import Failed, Task
from slipway.writing import read_bytes, sync_folder, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PACKAGE = "keepalived"
SAMPLE = "/etc/keepalived/keepalived.conf"
# s that a kubelet has for ending a static pod whose file is gone.
POD_ENDS = 15
NAME = vip.UNIT.partition(".")[0]
QUIET = {"apt-get": ("-q", "-y", "-o", "DPkg::Lock::Timeout=300"), "zypper": ("--non-interactive", "--quiet")}
INSTALL = {"apt-get": ("install", "--no-install-recommends")}


def manage(installer: str, *words: str) -> "tuple[int, str]":
    """How a package manager ended, and what it said last."""
    options = QUIET.get(installer, ("-q", "-y"))
    code, out, err = commands.run(installer, *(options + words), DEBIAN_FRONTEND="noninteractive")
    return code, (err.strip() or out.strip())[-500:]


def install() -> "list[str]":
    if packages.program(PACKAGE):
        return []
    installer = packages.installer()
    if installer is None:
        raise Failed("keepalived is not installed, and no package manager is known here", "tool-missing")
    # Before it is: whoever goes on after a crash knows whose it is.
    note_package(installer, "unknown")
    if installer == "apt-get":
        manage(installer, "update")
    code, said = manage(installer, *(INSTALL.get(installer, ("install",)) + (PACKAGE,)))
    if code != 0 or not packages.program(PACKAGE):
        raise Failed("keepalived cannot be installed: %s install ended with %d: %s" % (installer, code, said),
                     "tool-missing")
    note_package(installer, digest_of(SAMPLE))
    return ["install keepalived"]


def note_package(installer: str, sample: str) -> None:
    write_file(vip.NOTE, ("%s %s\n" % (installer, sample)).encode(), 0o644)


def digest_of(path: str) -> str:
    content = read_bytes(path)
    return "none" if content is None else sha256(content).hexdigest()


def differs(file: "dict[str, Any]") -> bool:
    try:
        same_mode = "%04o" % (os.stat(file["path"]).st_mode & 0o7777) == file["mode"]
    except OSError:
        return True
    return not same_mode or read_bytes(file["path"]) != file["content"].encode()


def refuse_others(files: "list[dict[str, Any]]") -> None:
    for file in files:
        there = None if file["path"] in vip.FILES else read_bytes(file["path"])
        if there is not None and not there.startswith(MARK):
            raise Failed("%s is somebody else's" % file["path"], "guard-refused")


def write(files: "list[dict[str, Any]]") -> "list[str]":
    """The paths that were written. keepalived's configuration comes last, and only where it takes it."""
    changed = [file for file in files if differs(file)]
    if changed:
        write_file(vip.PENDING, b"", 0o600)
    for file in sorted(changed, key=lambda one: bool(one["path"] == vip.CONFIGURATION)):
        if file["path"] == vip.CONFIGURATION:
            test(file["content"])
        write_file(file["path"], file["content"].encode(), int(file["mode"], 8))
    # With the label of its place the check may ask the server, which keepalived itself may not.
    restore_labels([path for file in changed for path in (os.path.dirname(file["path"]), file["path"])
                    if file["path"] in vip.FILES])
    return [file["path"] for file in changed]


def test(content: str) -> None:
    """keepalived goes on with what it can read of a wrong configuration, and says so here only."""
    new = vip.CONFIGURATION + ".new"
    write_file(new, content.encode(), 0o600)
    try:
        code, out, err = commands.run("keepalived", "--config-test", "--use-file=" + new)
    finally:
        os.unlink(new)
    if code != 0:
        raise Failed("keepalived does not take its configuration: %s" % (err or out).strip()[-500:], "service-failed")


def load(changed: "list[str]", restart: bool) -> "list[str]":
    """Lets the service run with its files; a reload keeps the VIP where it is."""
    state = unit_state(NAME)
    done = []
    if vip.UNIT_FILE in changed or state.get("NeedDaemonReload") == "yes" or state.get("LoadState") != "loaded":
        commands.must("systemctl", "daemon-reload", code="service-failed")
    if state.get("UnitFileState") != "enabled":
        commands.must("systemctl", "enable", NAME, code="service-failed")
        done.append("enable " + NAME)
    runs = state.get("ActiveState") == "active"
    again = restart or vip.UNIT_FILE in changed
    if not runs or again or os.path.exists(vip.PENDING):
        verb = "start" if not runs else "restart" if again else "reload"
        if state.get("ActiveState") == "failed":
            commands.must("systemctl", "reset-failed", NAME, code="service-failed")
        if not runs:
            # Its start reads all, and whoever goes on after a crash finds that it does not run.
            drop(vip.PENDING)
        commands.must("systemctl", verb, NAME, code="service-failed")
        done.append("%s %s" % (verb, NAME))
    return done


def place(given: "dict[str, Any]", check_mode: bool) -> "list[str]":
    files = given["files"]
    refuse_others(files)
    runs_keepalived = any(file["path"] == vip.CONFIGURATION for file in files)
    if check_mode:
        return [file["path"] for file in files if differs(file)]
    gone = [] if runs_keepalived else remove_keepalived()
    gone += remove_pod(given["data_dir"]) if runs_keepalived else []
    installed = install() if runs_keepalived else []
    changed = write(files)
    loaded = load(changed, given["restart"]) if runs_keepalived else []
    drop(vip.PENDING)
    return gone + installed + ["write " + path for path in changed] + loaded


def drop(path: str) -> bool:
    if not os.path.lexists(path):
        return False
    os.unlink(path)
    sync_folder(os.path.dirname(path))
    return True


def addresses_here() -> "set[tuple[str, str]]":
    return {(told["address"], told["interface"]) for told in on_interfaces() or []}


def take_back(named: "list[tuple[str, str]]") -> "list[str]":
    """Takes addresses from their interfaces where they are still there: whatever was killed has taken nothing away."""
    done = []
    for address, interface in named:
        if (address, interface) in addresses_here():
            commands.must("ip", "address", "delete", "%s/%d" % (address, 128 if ":" in address else 32), "dev", interface)
            done.append("take %s from %s" % (address, interface))
    return done


def remove_keepalived() -> "list[str]":
    """Gives the VIP up, and takes away what held it."""
    content = read_bytes(vip.CONFIGURATION) or b""
    done = []
    if unit_state(NAME).get("LoadState") == "loaded":
        commands.must("systemctl", "disable", "--now", NAME, code="service-failed")
        done.append("stop " + NAME)
    done += take_back(re.findall(r"^\s*(\S+)/\d+ dev (\S+)$", content.decode("utf-8", "replace"), re.M))
    # The configuration goes last: it says what may still have to be given up.
    removed = [path for path in (vip.UNIT_FILE, vip.CHECK, vip.CONFIGURATION) if drop(path)]
    if removed:
        commands.must("systemctl", "daemon-reload", code="service-failed")
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(vip.CHECK))
    drop(vip.PENDING)
    return done + ["remove " + path for path in removed] + remove_package()


def remove_package() -> "list[str]":
    installer, _, sample = (read_bytes(vip.NOTE) or b"").decode("utf-8", "replace").strip().partition(" ")
    if installer not in packages.INSTALLERS:
        return []
    # Whoever has written a configuration since uses it; some packages bring one as an example.
    is_unused = digest_of(SAMPLE) in ("none", sample)
    if is_unused and packages.program(PACKAGE):
        code, said = manage(installer, "remove", PACKAGE)
        if code != 0:
            raise Failed("keepalived cannot be removed: %s" % said, "service-failed")
    drop(vip.NOTE)
    return ["remove keepalived"] if is_unused else []


def remove_pod(data_dir: str) -> "list[str]":
    """kube-vip gives the address back when the kubelet ends it, and leaves it there when it is killed."""
    path = vip.pod_of(data_dir)
    content = read_bytes(path) or b""
    if not content.startswith(MARK) or not drop(path):
        return []
    pod = json.loads(content.partition(b"\n")[2].decode())
    told = {each["name"]: each["value"] for each in pod["spec"]["containers"][0]["env"]}
    one = (told["address"], told["vip_interface"])
    deadline = time.monotonic() + POD_ENDS
    while one in addresses_here() and time.monotonic() < deadline:
        time.sleep(0.5)
    return ["remove " + path] + take_back([one])


def remove(data_dir: str) -> "list[str]":
    return remove_keepalived() + remove_pod(data_dir)


def act(given: Task) -> "dict[str, Any]":
    arguments = given.arguments
    try:
        if arguments["state"] == "present":
            return task.changed(place(arguments, given.check_mode))
        return task.changed([] if given.check_mode else remove(arguments["data_dir"]))
    except OSError as error:
        raise Failed("%s: %s" % (error.filename or "the VIP", error.strerror)) from error


def main() -> None:
    task.run(act)
