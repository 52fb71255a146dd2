"""Puts RKE2's own programs into the reach of root's shell, and takes them from there again. Nothing of others is touched."""
import contextlib
import os

from slipway import task
from slipway.rke2.tools import COMPLETIONS, FILES, LINKS, described
from slipway.selinux import restore_labels
from slipway.task import Failed, Task
from slipway.writing import read_bytes, sync_folder, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def is_foreign(path: str, data_dir: str) -> bool:
    found = described(path, data_dir)
    return found is not None and not found["ours"]


def put_link(path: str, leads_to: str) -> None:
    """In one step, so that there is never none."""
    folder, name = os.path.split(path)
    os.makedirs(folder, mode=0o755, exist_ok=True)
    new = os.path.join(folder, ".slipway-%d-%s" % (os.getpid(), name))
    os.symlink(leads_to, new)
    os.rename(new, path)
    sync_folder(folder)


def ours(data_dir: str) -> "list[str]":
    found = (described(path, data_dir) for path in LINKS + FILES)
    return [one["path"] for one in found if one and one["ours"]]


def take(paths: "list[str]") -> None:
    for path in paths:
        os.unlink(path)
        sync_folder(os.path.dirname(path))
    # Folders that were made for them; those of others are not empty.
    for folder in (COMPLETIONS.rstrip("/"), os.path.dirname(COMPLETIONS.rstrip("/"))):
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def take_back(data_dir: str) -> None:
    take(ours(data_dir))


def act(given: Task) -> "dict[str, Any]":
    data_dir = given.arguments["data_dir"]
    links = {one["path"]: one["link"] for one in given.arguments["links"]}
    files = {one["path"]: one["content"].encode("utf-8") for one in given.arguments["files"]}
    dropped = [path for path in ours(data_dir) if path not in links and path not in files]
    made = [path for path, link in links.items()
            if not is_foreign(path, data_dir) and not (os.path.islink(path) and os.readlink(path) == link)]
    written = [path for path, content in files.items()
               if not is_foreign(path, data_dir) and read_bytes(path) != content]
    try:
        if not given.check_mode:
            for path in made:
                put_link(path, links[path])
            for path in written:
                write_file(path, files[path], 0o644)
                restore_labels([path])
            if dropped:
                take(dropped)
    except OSError as error:
        raise Failed("%s: %s" % (error.filename or "/usr/local/bin", error.strerror)) from error
    said = ["made " + ", ".join(made + written)] if made + written else []
    said += ["removed " + ", ".join(dropped)] if dropped else []
    return dict(task.changed(said), slipway_message="; ".join(said))


def main() -> None:
    task.run(act)
