"""Takes fence and interpreter from a host that leaves its cluster; itself an act under the fence."""
import contextlib
import os

from slipway.exchange import arguments, reply
from slipway.fence import PARTS


def main() -> None:
    directory = arguments()["directory"]
    for part in PARTS:
        if os.path.exists(directory + "/" + part):
            os.unlink(directory + "/" + part)
    with contextlib.suppress(OSError):  # What else lies there stays, with its folder.
        os.rmdir(directory)
    reply({"removed": True})
