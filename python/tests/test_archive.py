import json
import subprocess
import sys
import unittest
import zlib

from tests.sources import package, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def sized(content: bytes) -> bytes:
    return b"%d\n%s" % (len(content), content)


def run(module: str, given: object, files: "dict[str, str]") -> "subprocess.CompletedProcess[bytes]":
    """As hosts are asked: nothing of the package is on this side of the standard input."""
    line = "; ".join(line for line in read("bootstrap.py").splitlines() if line and not line.startswith("#"))
    sent = sized(read("importer.py").encode()) + sized(zlib.compress(json.dumps(files).encode()))
    command = [sys.executable, "-I", "-S", "-c", line, module]
    return subprocess.run(command, input=sent + json.dumps(given).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Archive(unittest.TestCase):
    def told(self, module: str, given: object) -> "Any":
        return json.loads(run(module, given, package()).stdout.decode())

    def test_is_imported_out_of_memory(self) -> None:
        """a program runs out of the archive, and gets what stands behind it"""
        self.assertEqual(self.told("slipway.folder", {"folder": "/", "deadline": 5})["at"], "/")

    def test_holds_what_is_no_program(self) -> None:
        """what is no program is in the archive as well"""
        files = dict(package(), **{"slipway/probe.py": "from slipway import exchange, fence\n"
                                   "def main(): exchange.reply(fence.wrapper('/here').splitlines()[0])\n"})
        self.assertEqual(json.loads(run("slipway.probe", None, files).stdout.decode()), "#!/bin/sh")

    def test_says_where_it_broke(self) -> None:
        """a program that breaks says where"""
        files = dict(package(), **{"slipway/probe.py": "def main():\n    raise ValueError('no')\n"})
        said = run("slipway.probe", None, files).stderr.decode()
        self.assertIn('File "slipway/probe.py", line 2, in main', said)
        self.assertEqual(said.splitlines()[-1], "ValueError: no")
