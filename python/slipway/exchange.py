"""How a program of this package speaks with whoever has sent it: JSON on standard input, JSON lines on standard output."""
import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def arguments() -> "Any":
    """What stands behind the archive: it may hold secrets, and is never on a command line."""
    return json.load(sys.stdin.buffer)


def reply(value: object) -> None:
    """The last line."""
    print(json.dumps(value))


def progress(message: str) -> None:
    """A line for people, while something is waited for."""
    print(json.dumps({"progress": message}), flush=True)
