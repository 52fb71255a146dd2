"""Makes what RKE2's profiles ask of a machine before they let RKE2 start: the account of etcd, and kernel parameters."""
import errno
import grp
import os
import pwd

from slipway import commands, task
from slipway.reading import text
from slipway.rke2.configuration import MARK
from slipway.rke2.prepared import CIS_PARAMETERS, place
from slipway.task import Failed, Task
from slipway.writing import read_bytes, sync_folder, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NAME = "etcd"
# How kernels answer where their parameters are not this machine's to change, as in most containers.
CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)


def exists(find: "Callable[[str], object]") -> bool:
    try:
        find(NAME)
        return True
    except KeyError:
        return False


def make_account(check_mode: bool) -> "list[str]":
    """Returns what was made."""
    made = []
    if not exists(grp.getgrnam):
        made.append("group etcd")
        if not check_mode:
            commands.must("groupadd", "--system", NAME)
    if not exists(pwd.getpwnam):
        made.append("user etcd")
        if not check_mode:
            shell = next((path for path in ("/sbin/nologin", "/usr/sbin/nologin") if os.path.exists(path)), "/bin/false")
            commands.must("useradd", "--system", "--gid", NAME, "--no-create-home", "--home-dir", "/nonexistent",
                          "--comment", "etcd user", "--shell", shell, NAME)
    return made


def wanted_parameters(content: str) -> "dict[str, str]":
    lines = (line.partition("=") for line in content.splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in lines}


def set_parameters(content: str, check_mode: bool) -> "tuple[list[str], list[str]]":
    """Returns what was changed, and the parameters that cannot be."""
    changed: "list[str]" = []
    closed: "list[str]" = []
    file_content = (content if content.endswith("\n") else content + "\n").encode("utf-8")
    if read_bytes(CIS_PARAMETERS) != file_content:
        changed.append(CIS_PARAMETERS)
        if not check_mode:
            write_file(CIS_PARAMETERS, file_content, 0o644)
    for name, value in wanted_parameters(content).items():
        if text(place(name)) == value or check_mode:
            continue
        try:
            with open(place(name), "w") as file:
                file.write(value)
            changed.append(name)
        except OSError as error:
            if error.errno not in CLOSED:
                raise
            closed.append(name)
    return changed, closed


def drop_parameters(check_mode: bool) -> "list[str]":
    """Takes the file away again that an earlier profile had asked for; the kernel keeps its values until it boots."""
    if not (read_bytes(CIS_PARAMETERS) or b"").startswith(MARK):
        return []
    if not check_mode:
        os.unlink(CIS_PARAMETERS)
        sync_folder(os.path.dirname(CIS_PARAMETERS))
    return [CIS_PARAMETERS]


def act(given: Task) -> "dict[str, Any]":
    changed: "list[str]" = []
    closed: "list[str]" = []
    dropped: "list[str]" = []
    try:
        if given.arguments["account"]:
            changed += make_account(given.check_mode)
        if given.arguments["parameters"]:
            more, closed = set_parameters(given.arguments["parameters"], given.check_mode)
            changed += more
        elif given.arguments["drop"]:
            dropped = drop_parameters(given.check_mode)
    except OSError as error:
        raise Failed("%s: %s" % (error.filename or CIS_PARAMETERS, error.strerror)) from error
    said = ["made " + ", ".join(changed)] if changed else []
    if dropped:
        said.append("removed " + ", ".join(dropped))
    if closed:
        said.append(", ".join(closed) + " cannot be set here and must be set on the machine around it")
    return {"changed": bool(changed or dropped), "slipway_message": "; ".join(said)}


def main() -> None:
    task.run(act)
