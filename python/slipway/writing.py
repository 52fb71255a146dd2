"""Writing files so that a crash at any moment leaves the old file or the new one, never a part."""

import errno
import os


def read_bytes(path: str) -> "bytes | None":
    """The file's content, or None when there is none. Raises OSError where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise


def sync_folder(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path: str, content: bytes, mode: int) -> None:
    """Replaces the file in one step: a new file in the same folder, synced, renamed. Owned by whoever writes it."""
    folder, name = os.path.split(path)
    os.makedirs(folder, mode=0o755, exist_ok=True)
    new = os.path.join(folder, ".slipway-%d-%s" % (os.getpid(), name))
    # One that a crash has left there is no more than that.
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        os.rename(new, path)
    except BaseException:
        os.unlink(new)
        raise
    sync_folder(folder)


def is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def full_message(error: OSError, path: str) -> "str | None":
    """What to tell when a disk is full; None when the error is another one."""
    if not is_full(error):
        return None
    while not os.path.exists(path):
        path = os.path.dirname(path)
    status = os.statvfs(path)
    free = status.f_bavail * status.f_frsize // (1024 * 1024)
    return "no space left on the file system of %s (%d MiB free); nothing was installed" % (path, free)
