import os
import tempfile
import unittest
from unittest import mock

from slipway.digests import hmac_sha256
from slipway.rke2 import own_files
from slipway.rke2.configuration import MARK

KEY = b"key"


class OwnFiles(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = folder.name
        patched = mock.patch.object(own_files, "FOLDER", self.data + "/slipway")
        patched.start()
        self.addCleanup(patched.stop)

    def put(self, path: str, content: bytes = b"x") -> str:
        path = self.data + "/" + path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def look(self, *named: str) -> "dict[str, object]":
        return own_files.own_files(KEY, self.data, list(named))

    def test_are_none_on_a_fresh_machine(self) -> None:
        """a fresh machine has none, and what its configuration names is missing"""
        self.assertEqual(self.look("/nowhere/x", "/"), {"found": [], "manifests": [], "missing": ["/nowhere/x"]})

    def test_are_known_by_their_places(self) -> None:
        """files lie where nobody else writes, or begin with a mark; half-written ones are none"""
        ours = [self.put(name) for name in (
            "slipway/audit-policy.yaml", "server/manifests/slipway/a.yaml", "agent/etc/kubelet.conf.d/90-slipway.conf",
            "agent/pod-manifests/slipway-p.yaml")]
        marked = self.put("agent/etc/containerd/config.toml.tmpl", MARK + b"x")
        theirs = self.put("agent/etc/containerd/config-v3.toml.tmpl")
        for name in ("server/manifests/slipway/.slipway-1-a.yaml", "agent/pod-manifests/etcd.yaml",
                     "agent/etc/kubelet.conf.d/00-rke2-defaults.conf", "agent/etc/containerd/config.toml"):
            self.put(name)
        found = {file["path"]: file for file in self.look()["found"]}  # type: ignore[attr-defined]
        self.assertEqual({path for path, file in found.items() if file["ours"]}, {*ours, marked})
        self.assertEqual(set(found), {*ours, marked, theirs})
        self.assertEqual(found[ours[0]], {"path": ours[0], "size": 1, "hmac": hmac_sha256(KEY, b"x"), "ours": True})

    def test_are_no_links_and_no_folders(self) -> None:
        """a link or a folder in the place of a file has the hash of nothing"""
        os.makedirs(self.data + "/slipway/folder")
        os.symlink("/etc/passwd", self.data + "/slipway/link")
        self.assertEqual([file["hmac"] for file in self.look()["found"]], [None, None])  # type: ignore[attr-defined]

    def test_of_others_are_told_by_name(self) -> None:
        """manifests of others are told, in folders as well, and nothing else that lies there"""
        told = [self.put("server/manifests/" + name) for name in ("a.yml", "z.json", "below/b.yaml")]
        for name in ("slipway/own.yaml", "a.yaml.skip", ".hidden.yaml"):
            self.put("server/manifests/" + name)
        self.assertEqual(self.look()["manifests"], told)


if __name__ == "__main__":
    unittest.main()
