import os
import tempfile
import unittest
from unittest import mock

from slipway.rke2 import marks, restart

UNIT = "rke2-server"


class Marks(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = {"ActiveState": "active", "InvocationID": "one"}
        for patched in (mock.patch.object(marks, "PLACE", os.path.join(folder.name, "below/marks")),
                        mock.patch.object(restart, "unit_state", lambda unit: self.state)):
            patched.start()
            self.addCleanup(patched.stop)

    def test_stand_before_the_change(self) -> None:
        """a mark stands before the change, and names what runs behind it"""
        with restart.restart_due([UNIT]):
            self.assertEqual(marks.read_marks(), {UNIT: ""})
            self.assertTrue(restart.is_pending(UNIT, self.state))
        self.assertEqual(marks.read_marks(), {UNIT: "one"})

    def test_stay_when_the_change_breaks_off(self) -> None:
        """a change that breaks off leaves a mark that holds for whatever runs, until the change is made"""
        with self.assertRaises(OSError), restart.restart_due([UNIT]):
            raise OSError
        self.assertTrue(restart.is_pending(UNIT, dict(self.state, InvocationID="two")))
        restart.settle(UNIT, dict(self.state, InvocationID="two"))
        self.assertFalse(restart.is_pending(UNIT, dict(self.state, InvocationID="three")))

    def test_end_with_the_invocation(self) -> None:
        """a mark is settled by the next start, and forgotten with all that is left of it"""
        with restart.restart_due([UNIT]):
            pass
        self.assertFalse(restart.is_pending(UNIT, dict(self.state, InvocationID="two")))
        self.assertFalse(restart.is_pending(UNIT, dict(self.state, ActiveState="inactive")))
        restart.forget(UNIT)
        self.assertFalse(os.path.exists(marks.PLACE))

    def test_are_not_for_what_does_not_run(self) -> None:
        """a unit that does not run needs no mark"""
        self.state = {"ActiveState": "inactive"}
        with restart.restart_due([UNIT]):
            pass
        self.assertEqual(marks.read_marks(), {})
