"""Labels of files that were moved or written, where SELinux is in use."""
import os

from slipway import commands
from slipway.task import Failed


def restore_labels(paths: "list[str]") -> None:
    """Gives files the labels that the host's policy has for their places. Raises Failed where it cannot."""
    if not paths or not os.path.exists("/sys/fs/selinux/enforce"):
        return
    code, out, err = commands.run("restorecon", "-F", *paths)
    if code != 0:
        raise Failed("restorecon: %s" % (err or out).strip()[-500:])
