import base64
import os
import subprocess
import sys

from slipway.host_keys import host_keys
from slipway.interpreter import module_python
from slipway.rke2.observe import data
from tests.cases import Cases


class HostKeys(Cases):
    def test_are_told_as_ssh_keygen_does(self) -> None:
        """host keys are told as ssh-keygen shows them, and those that are no keys not at all"""
        os.mkdir(self.at("ssh"))
        shown = []
        for kind in ("ed25519", "ecdsa"):
            key = self.at("ssh/ssh_host_%s_key" % kind)
            subprocess.check_call(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key])
            shown.append(subprocess.check_output(["ssh-keygen", "-lf", key + ".pub"]).decode().split()[1])
        self.place("ssh/ssh_host_rsa_key.pub", "ssh-rsa not-a-key root@x\n")
        self.place("ssh/ssh_host_dsa_key.pub")
        self.place("ssh/ssh_config", "Host *\n")
        self.assertEqual(host_keys(self.at("ssh")), sorted(shown))
        self.assertEqual(host_keys(self.at("nowhere")), [])


class Data(Cases):
    def test_is_of_a_member(self) -> None:
        """data on the host are those of a member of etcd, with the name it has there"""
        found = data(self.folder)
        self.assertEqual((found["etcd_member"], found["etcd_name"], found["ca"]), (False, None, None))
        self.place("server/db/etcd/member/wal/0.wal")
        self.place("server/db/etcd/name", "m1-3f9c0a12\n")
        found = data(self.folder)
        self.assertEqual((found["etcd_member"], found["etcd_name"]), (True, "m1-3f9c0a12"))

    def test_has_a_ca(self) -> None:
        """data on the host have the CA of the server before that of the agent, byte for byte"""
        for path, content in (("agent/server-ca.crt", "of the agent\n"),
                              ("server/tls/server-ca.crt", "of the server\n\n")):
            self.place(path, content)
            self.assertEqual(data(self.folder)["ca"], base64.b64encode(content.encode()).decode())


class ModulePython(Cases):
    def chosen(self, own: "tuple[int, int, int]", *others: str) -> "tuple[str, str]":
        self.replace(sys, "version_info", own)
        self.replace(sys, "executable", "/usr/bin/python3")
        self.replace(os, "access", lambda path, mode: path in others)
        return module_python()

    def test_is_the_host_s_own(self) -> None:
        """the Python for tasks is the host's own where it is new enough"""
        self.assertEqual(self.chosen((3, 8, 1), "/usr/bin/python3.12"), ("/usr/bin/python3", "3.8.1"))

    def test_is_the_newest_beside_it(self) -> None:
        """the Python for tasks is the newest beside the host's own where that is too old"""
        others = ("/usr/bin/python3.9", "/usr/local/bin/python3.11", "/usr/bin/python3.7")
        self.assertEqual(self.chosen((3, 6, 8), *others), ("/usr/local/bin/python3.11", "3.11"))

    def test_stays_too_old(self) -> None:
        """the Python for tasks stays what it is where nothing is new enough, so that the preflight can say so"""
        self.assertEqual(self.chosen((3, 6, 8), "/usr/bin/python3.7"), ("/usr/bin/python3", "3.6.8"))
