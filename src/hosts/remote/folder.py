"""Tells whether a folder is there or could be made, and prints what stands in its way. Makes nothing. Needs nothing of
look.py."""
import errno
import json
import os
import signal
import stat
import sys


def look(path):
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


def main():
    wanted = json.load(sys.stdin.buffer)
    signal.alarm(int(wanted["deadline"]))
    print(json.dumps(look(wanted["folder"])))


main()
