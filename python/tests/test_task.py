import contextlib
import io
import json
import os
import sys
import unittest
from unittest import mock

from slipway import task
from slipway.task import Failed, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def outcome(act: "Callable[[Task], dict[str, Any]]", check_mode: bool = False) -> "tuple[dict[str, Any], object]":
    """What a task tells, and the code it ends with."""
    given = json.dumps({"arguments": {"secret": "canary"}, "check_mode": check_mode}).encode()
    said = io.StringIO()
    stdin = mock.Mock(buffer=io.BytesIO(given))
    umask = os.umask(0o077)
    try:
        with mock.patch.object(sys, "stdin", stdin), contextlib.redirect_stdout(said):
            task.run(act)
    except SystemExit as end:
        return json.loads(said.getvalue()), end.code
    finally:
        os.umask(umask)
    raise AssertionError("it goes on")


class TaskOutcome(unittest.TestCase):
    def test_is_what_it_did(self) -> None:
        """a task tells what it did, and is told whether to do it"""
        found = outcome(lambda given: task.changed([given.arguments["secret"][:3], str(given.check_mode)]), True)
        self.assertEqual(found, ({"changed": True, "slipway_message": "can, True"}, 0))
        self.assertEqual(outcome(lambda _: task.changed([])), ({"changed": False, "slipway_message": ""}, 0))

    def test_is_why_it_failed(self) -> None:
        """a task that cannot do it says why, with a code where there is one"""
        def act(_: Task) -> "dict[str, Any]":
            raise Failed("the disk is gone", "guard-refused")

        self.assertEqual(outcome(act), ({
            "changed": False, "failed": True, "msg": "the disk is gone", "slipway_message": "the disk is gone",
            "slipway_code": "guard-refused"}, 1))

    def test_is_one_line_of_a_crash(self) -> None:
        """a task that crashes says type and place, shows no traceback, and nothing that passes where it is hidden"""
        def act(given: Task) -> "dict[str, Any]":
            raise KeyError(len(given.arguments["secret"]))

        found, code = outcome(act)
        self.assertRegex(found["msg"], r"^the module crashed: KeyError: 6 \(test_task\.py, line \d+\)$")
        self.assertEqual(sorted(found), ["changed", "failed", "msg"])
        self.assertEqual(code, 1)

    def test_says_that_python_is_too_old(self) -> None:
        """a task on an old Python says so before it reads its arguments"""
        with mock.patch.object(sys, "version_info", (3, 6, 8)):
            found, _ = outcome(lambda _: task.changed(["something"]))
        self.assertEqual(found["msg"], "Slipway's tasks need Python 3.8 or newer. Current version: 3.6.8")

    def test_is_text(self) -> None:
        """names that are no text are told as far as they are"""
        found, _ = outcome(lambda _: task.changed(["a\udcffb"]))
        self.assertEqual(found["slipway_message"], "a?b")

    def test_leaves_folders_open(self) -> None:
        """a task makes folders that others can enter, whatever the login's umask"""
        seen = []

        def act(_: Task) -> "dict[str, Any]":
            seen.append(os.umask(0o022))
            return {}

        outcome(act)
        self.assertEqual(seen, [0o022])
