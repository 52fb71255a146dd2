"""Writes a node's configuration files in one step a file. Contents are secret: they never come back."""
import os

from slipway import task
from slipway.rke2 import marks
from slipway.rke2.restart import restart_due
from slipway.selinux import restore_labels
from slipway.task import Failed, Task
from slipway.writing import full_message, read_bytes, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # What is to be done, and which service has to be restarted afterwards.
    Step = tuple[Callable[[], None], str | None]


# A cluster file may bring hundreds.
MOST_TOLD = 20


def step(file: "dict[str, Any]") -> "Step | None":
    """What has to be done for one file; None when nothing is."""
    path, mode = file["path"], int(file["mode"], 8)
    if file["unless"] and os.path.exists(file["unless"]):
        return None
    # Ansible ends what a template renders with a newline, also when it renders nothing.
    wanted = file["content"].encode("utf-8") if file["content"].strip() else None
    current = read_bytes(path)
    # Nobody but Slipway writes there: a link is none of its files, whatever it leads to.
    astray = bool(file["private"]) and os.path.islink(path)
    if current != wanted or astray:
        foreign = file["mark"] and not (current or b"").startswith(file["mark"].encode("utf-8") + b"\n")
        if wanted is None and foreign:
            return None
        return lambda: write(path, wanted, mode, file["private"]), file["restarts"] or None
    if wanted is None or is_protected(path, mode):
        return None
    return lambda: protect(path, mode), None


def write(path: str, content: "bytes | None", mode: int, private: "str | None") -> None:
    if content is None:
        os.unlink(path)
        return
    if private:
        make_folders(os.path.dirname(path), private)
    write_file(path, content, mode)
    restore_labels([path])


def is_protected(path: str, mode: int) -> bool:
    status = os.stat(path)
    return status.st_mode & 0o7777 == mode and (status.st_uid, status.st_gid) == (0, 0)


def protect(path: str, mode: int) -> None:
    os.chown(path, 0, 0)
    os.chmod(path, mode)


def folder_step(path: str) -> "Step | None":
    return None if os.path.isdir(path) else (lambda: make_folder(path), None)


def make_folder(path: str) -> None:
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for depth, folder in reversed(list(enumerate(missing))):
        os.mkdir(folder)
        os.chmod(folder, 0o755 if depth else 0o700)


def make_folders(path: str, private: str) -> None:
    """Those that are missing; from `private` on they are for root alone."""
    if os.path.isdir(path):
        return
    make_folders(os.path.dirname(path), private)
    os.mkdir(path)
    os.chmod(path, 0o700 if (path + "/").startswith(private + "/") else 0o755)


def act(given: Task) -> "dict[str, Any]":
    due: "dict[str, Step]" = {}
    at = marks.PLACE
    try:
        for at in given.arguments["folders"]:
            found = folder_step(at)
            if found:
                due[at] = found
        for file in given.arguments["files"]:
            at = file["path"]
            found = step(file)
            if found:
                due[at] = found
        units = sorted({unit for _, unit in due.values() if unit})
        if not given.check_mode:
            at = marks.PLACE
            with restart_due(units):
                for path, (change, _) in due.items():
                    at = path
                    change()
    except OSError as error:
        raise Failed(full_message(error, at) or "%s cannot be written: %s" % (at, error.strerror)) from error
    done = list(due)
    more = " and %d more" % (len(done) - MOST_TOLD) if len(done) > MOST_TOLD else ""
    message = "wrote " + ", ".join(done[:MOST_TOLD]) + more if done else ""
    return dict(task.changed(done, message), restarts=units, slipway_data={"files": done})


def main() -> None:
    task.run(act)
