"""Tells whether a folder is there or could be made, and what stands in its way. Makes nothing."""
import errno
import os
import signal
import stat

from slipway.exchange import arguments, reply


def look(path: str) -> "dict[str, str]":
    at = path
    while True:
        try:
            mode = os.stat(at).st_mode
            break
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                return {"state": "unreadable", "at": at}
            if os.path.islink(at):
                return {"state": "dangling", "at": at}
            at = os.path.dirname(at)
    if not stat.S_ISDIR(mode):
        return {"state": "no-folder", "at": at}
    return {"state": "read-only" if os.statvfs(at).f_flag & os.ST_RDONLY else "usable", "at": at}


def main() -> None:
    wanted = arguments()
    signal.alarm(int(wanted["deadline"]))
    reply(look(wanted["folder"]))
