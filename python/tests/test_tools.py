import os

from slipway.rke2 import tools as seen
from slipway.rke2.configuration import MARK
from slipway.rke2.tasks import tools
from slipway.task import Task
from slipway.writing import read_bytes
from tests.cases import Cases

DATA = "/var/lib/rancher/rke2"


class Tools(Cases):
    def setUp(self) -> None:
        super().setUp()
        self.link, self.file = self.at("bin/kubectl"), self.at("profile.d/slipway-rke2.sh")
        for name, value in (("LINKS", (self.link,)), ("FILES", (self.file,)), ("COMPLETIONS", self.at("completions/"))):
            for module in (seen, tools):
                self.replace(module, name, value)

    def act(self, asked: bool = True, check_mode: bool = False) -> bool:
        given = {"data_dir": DATA, "links": [{"path": self.link, "link": DATA + "/bin/kubectl"}] if asked else [],
                 "files": [{"path": self.file, "content": MARK.decode() + "x\n"}] if asked else []}
        return bool(tools.act(Task(given, check_mode))["changed"])

    def test_made(self) -> None:
        """tools are made once, kept, and taken away where nobody asks for them; check mode only tells"""
        self.assertTrue(self.act(check_mode=True))
        self.assertFalse(os.path.lexists(self.link))
        self.assertTrue(self.act())
        self.assertEqual(os.readlink(self.link), DATA + "/bin/kubectl")
        self.assertFalse(self.act())
        os.unlink(self.link)
        os.symlink(DATA + "/bin/crictl", self.link)
        self.place("profile.d/slipway-rke2.sh", MARK.decode() + "edited")
        self.assertTrue(self.act())
        self.assertEqual(os.readlink(self.link), DATA + "/bin/kubectl")
        self.assertEqual(read_bytes(self.file), MARK + b"x\n")
        self.assertTrue(self.act(asked=False))
        self.assertEqual([path for path in (self.link, self.file) if os.path.lexists(path)], [])

    def test_of_others(self) -> None:
        """what others have put at these places stays: a program, a link, a file, a folder"""
        os.makedirs(os.path.dirname(self.link))
        os.symlink("/opt/kubectl", self.link)
        os.makedirs(self.file)
        self.assertFalse(self.act())
        self.assertFalse(self.act(asked=False))
        tools.take_back(DATA)
        self.assertEqual(os.readlink(self.link), "/opt/kubectl")
        self.assertTrue(os.path.isdir(self.file))
        os.unlink(self.link)
        self.place("bin/kubectl", MARK.decode() + "a program")
        self.assertFalse(self.act())
        tools.take_back(DATA)
        self.assertTrue(os.path.exists(self.link))
