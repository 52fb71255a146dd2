"""The folder for the files of a release that are brought from a folder of the controller (air gap)."""
import os
import shutil

from slipway.rke2.installed import UPLOADS
from slipway.task import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def uploaded(name: str) -> "tuple[str, str]":
    """Names for messages of a file of the folder on the controller, and of its list of checksums."""
    return "%s of artifact_path" % name, "its sha256sum file"


def clear_uploads() -> None:
    shutil.rmtree(UPLOADS, ignore_errors=True)


def open_uploads(uploads: "dict[str, Any]", needed: "list[str]") -> str:
    """An empty folder that whoever has logged in may write to; what an earlier upload has left is gone."""
    clear_uploads()
    if os.path.islink(UPLOADS) or (os.path.exists(UPLOADS) and not os.path.isdir(UPLOADS)):
        os.unlink(UPLOADS)
    # One that somebody mounts there can be emptied, and not be removed.
    os.makedirs(UPLOADS, mode=0o755, exist_ok=True)
    wanted = sum(uploads[name]["size"] for name in needed)
    status = os.statvfs(UPLOADS)
    free = status.f_bavail * status.f_frsize
    if free < wanted:
        clear_uploads()
        raise Failed("%d MiB are free on the file system of %s, the files of the release need %d" % (
            free >> 20, UPLOADS, -(-wanted >> 20)), "preflight-failed")
    os.chmod(UPLOADS, 0o700)
    os.chown(UPLOADS, int(os.environ.get("SUDO_UID") or 0), -1)
    return UPLOADS
