"""One task of a playbook on a host: what it is given, and what it tells in the end. Ansible itself is not needed there.

The reply is one JSON object, as Ansible takes it from any module: changed, failed, msg, and what Slipway's callback hands
on: slipway_message (for people), slipway_code (of the error catalogue), slipway_data. None of these three ever holds a
secret, so that they pass where a task is hidden.
"""
import json
import os
import sys

from slipway import exchange, interpreter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Failed(Exception):
    """Why a task cannot do what it is to do, in words for people and without a secret."""

    def __init__(self, reason: str, code: "str | None" = None) -> None:
        super().__init__(reason)
        self.code = code


class Task:
    """arguments: checked by whoever sends them, with all their defaults; check_mode: only tells what would be done."""

    def __init__(self, arguments: "dict[str, Any]", check_mode: bool) -> None:
        self.arguments = arguments
        self.check_mode = check_mode


def changed(done: "list[str]", message: str = "") -> "dict[str, Any]":
    """The result of a task that did these things."""
    return {"changed": bool(done), "slipway_message": message or ", ".join(done)}


def run(act: "Callable[[Task], dict[str, Any]]") -> None:
    """Lets `act` do it, tells the result, and ends the program."""
    # A play by hand has no interpreter of Slipway's that sees to it: with the 077 of a hardened login the folders of the
    # system that are made here would be closed to everybody else. Files have their stated modes anyway.
    os.umask(0o022)
    result: "dict[str, Any]" = {"changed": False}
    result.update(outdated() or outcome(act))
    # Names on a disk may be no text at all.
    exchange.reply(json.loads(json.dumps(result, ensure_ascii=False).encode("utf-8", "replace").decode()))
    sys.exit(1 if result.get("failed") else 0)


def outdated() -> "dict[str, Any] | None":
    """Before the arguments are read: an old Python says so, and no more."""
    if sys.version_info >= (3, interpreter.OLDEST):
        return None
    return {"failed": True, "msg": "Slipway's tasks need Python 3.%d or newer. Current version: %d.%d.%d" % (
        (interpreter.OLDEST,) + tuple(sys.version_info[:3]))}


def outcome(act: "Callable[[Task], dict[str, Any]]") -> "dict[str, Any]":
    try:
        wanted = exchange.arguments()
        return act(Task(wanted["arguments"], wanted["check_mode"]))
    except Failed as error:
        reason = str(error)
        failure = {"failed": True, "msg": reason, "slipway_message": reason}
        return dict(failure, slipway_code=error.code) if error.code else failure
    except Exception as error:
        return {"failed": True, "msg": "the module crashed: " + last_line(error)}


def last_line(error: Exception) -> str:
    """What a traceback ends with, and where. Not the rest of it: its lines may show what the task was given."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = " (%s, line %d)" % (os.path.basename(at.tb_frame.f_code.co_filename), at.tb_lineno) if at else ""
    return "%s: %s%s" % (type(error).__name__, error, place)
