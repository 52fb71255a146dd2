import os
import shutil
import tempfile
import unittest
from unittest import mock

from slipway.rke2.tasks import uninstall


class DataBehindALink(unittest.TestCase):
    def test_goes_with_the_link(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            data, link = os.path.join(folder, "disk", "rke2"), os.path.join(folder, "rke2")
            os.makedirs(os.path.join(data, "server", "db"))
            os.symlink(data, link)
            os.makedirs(os.path.join(folder, "usr", "bin"))

            def run(_script: str, **environment: str) -> "tuple[int, str, str]":
                given = environment["RKE2_DATA_DIR"]
                if os.path.islink(given):
                    os.unlink(given)
                else:
                    shutil.rmtree(given)
                return 0, "", ""

            with mock.patch("slipway.commands.run", run):
                uninstall.uninstall(os.path.join(folder, "usr", "bin", "rke2-uninstall.sh"), link)
            self.assertEqual([path for path in (data, link) if os.path.lexists(path)], [])
