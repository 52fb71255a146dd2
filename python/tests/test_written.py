import base64
import os

from slipway.rke2 import written
from tests.cases import Cases


class Written(Cases):
    def setUp(self) -> None:
        super().setUp()
        self.replace(written, "FOLDER", self.folder)

    def test_files(self) -> None:
        """the configuration is told as it lies there, in the order in which RKE2 reads it, without what is no file of it"""
        self.place("config.yaml", "token: a\n")
        for name in ("20-b.yml", "10-a.YAML", "notes.txt"):
            self.place("config.yaml.d/" + name, name)
        os.mkdir(self.at("config.yaml.d/30-folder.yaml"))
        os.symlink("/nowhere", self.at("config.yaml.d/40-nowhere.yaml"))
        found = [(os.path.basename(file["path"]), base64.b64decode(file["content"]).decode()) for file in written.files()]
        self.assertEqual(found, [("config.yaml", "token: a\n"), ("10-a.YAML", "10-a.YAML"), ("20-b.yml", "20-b.yml")])

    def test_none(self) -> None:
        """where nothing is written nothing is told"""
        self.assertEqual(written.files(), [])
