"""Leaves the snapshots of etcd on a host whose data goes, with the token that a restore of them needs.

Every step is done whole or not at all, and what a crash has left undone is done by the next call.
"""
import os
import shutil

from slipway.reading import names
from slipway.writing import read_bytes, sync_folder, write_file


def move_file(source: str, target: str) -> None:
    """The file is at its old place, or whole at the new one; the two may be on different file systems."""
    try:
        os.rename(source, target)
    except OSError:
        part = "%s.part" % target
        shutil.copyfile(source, part)
        with open(part, "rb") as file:
            os.fsync(file.fileno())
        os.rename(part, target)
        sync_folder(os.path.dirname(target))
        os.unlink(source)
    os.chmod(target, 0o600)


def keep_snapshots(data_dir: str, folder: str) -> int:
    """How many were moved; none where there are none, and then no folder is made. Raises OSError, as for a full disk."""
    source = os.path.join(data_dir, "server", "db", "snapshots")
    files = [name for name in names(source) if os.path.isfile(os.path.join(source, name))]
    if not files:
        return 0
    os.makedirs(folder, mode=0o700, exist_ok=True)
    os.chmod(folder, 0o700)
    # First: without it they are of no use.
    token = read_bytes(os.path.join(data_dir, "server", "token"))
    kept = os.path.join(folder, "token")
    if token is not None:
        write_file(kept, token, 0o600)
    elif not os.path.exists(kept):
        raise FileNotFoundError("there is no server/token, without which they cannot be restored")
    for name in files:
        move_file(os.path.join(source, name), os.path.join(folder, name))
    sync_folder(folder)
    return len(files)
