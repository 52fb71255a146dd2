import os
import tempfile
import unittest
from unittest import mock

from slipway.rke2.configuration import MARK
from slipway.rke2.tasks import hardening
from slipway.task import Task


class Parameters(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "60-rke2-cis.conf")
        patched = mock.patch.object(hardening, "CIS_PARAMETERS", self.file)
        patched.start()
        self.addCleanup(patched.stop)

    def drop(self, content: bytes, check_mode: bool = False) -> bool:
        with open(self.file, "wb") as file:
            file.write(content)
        given = {"account": False, "parameters": "", "drop": True}
        return bool(hardening.act(Task(given, check_mode))["changed"])

    def test_go_where_they_are_ours(self) -> None:
        """a file with parameters that no profile asks for goes where it is ours, and check mode only tells"""
        self.assertTrue(self.drop(MARK + b"kernel.panic=10\n", check_mode=True))
        self.assertTrue(os.path.exists(self.file))
        self.assertTrue(self.drop(MARK + b"kernel.panic=10\n"))
        self.assertFalse(os.path.exists(self.file))
        self.assertFalse(self.drop(b"kernel.panic=10\n"))
        self.assertTrue(os.path.exists(self.file))

    def test_are_gone_already(self) -> None:
        """nothing is done where there is no such file"""
        self.assertFalse(hardening.act(Task({"account": False, "parameters": "", "drop": True}, False))["changed"])


if __name__ == "__main__":
    unittest.main()
