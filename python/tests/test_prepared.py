import os
import pwd
from types import SimpleNamespace

from slipway.rke2 import prepared
from tests.cases import Cases

SECOND = "/sys/fs/cgroup/cgroup.controllers"


def first(hierarchy: int, enabled: int = 1) -> "dict[str, str]":
    lines = "#subsys_name hierarchy num_cgroups enabled\ncpu %d 1 %d\npids %d 1 1" % (hierarchy, enabled, hierarchy)
    return {"/proc/cgroups": lines}


class Prepared(Cases):
    def host(self, *files: "dict[str, str]") -> None:
        """A host that has these files and no others."""
        found = {path: content for one in files for path, content in one.items()}
        self.replace(prepared, "text", lambda path, limit=0: found.get(path))
        self.replace(prepared, "names", lambda folder: sorted(
            os.path.basename(path) for path in found if os.path.dirname(path) == folder))
        self.replace(os.path, "exists", lambda path: path in found)
        self.replace(os.path, "isdir", lambda path: any(file.startswith(path + "/") for file in found))
        self.replace(os, "uname", lambda: SimpleNamespace(release="6.1"))

    def controllers(self, *files: "dict[str, str]") -> "list[str] | None":
        self.host(*files)
        return prepared.controllers()

    def missing(self, *files: "dict[str, str]") -> "list[str]":
        self.host(*files)
        return prepared.missing_modules()

    def test_controllers_of_version_2(self) -> None:
        """cgroup controllers are those of version 2 where it has any"""
        self.assertEqual(self.controllers({SECOND: "cpuset cpu io memory pids"}, first(0)),
                         ["cpu", "cpuset", "io", "memory", "pids"])
        self.assertEqual(self.controllers({SECOND: "cpuset io"}, first(3)), ["cpuset", "io"])

    def test_controllers_of_version_1(self) -> None:
        """cgroup controllers are those of version 1 where that is in use"""
        self.assertEqual(self.controllers(first(3)), ["cpu", "pids"])
        self.assertEqual(self.controllers(first(3, 0)), ["pids"])
        self.assertEqual(self.controllers({SECOND: ""}, first(3)), ["cpu", "pids"])

    def test_no_controllers(self) -> None:
        """cgroup controllers are none in a container that was given none, and unknown where nothing says so"""
        self.assertEqual(self.controllers({SECOND: ""}, first(0)), [])
        self.assertIsNone(self.controllers())

    LOADED = {"/proc/filesystems": "nodev\toverlay", "/sys/module/br_netfilter/refcnt": "0"}
    LISTED = {"/lib/modules/6.1/modules.dep": "kernel/fs/overlayfs/overlay.ko.xz:\nkernel/net/bridge/br_netfilter.ko:"}

    def test_modules_that_are_there(self) -> None:
        """kernel modules that are loaded, listed or built in are not missed"""
        self.assertEqual(self.missing(self.LOADED), [])
        self.assertEqual(self.missing(self.LISTED), [])
        builtin = {"/lib/modules/6.1/modules.builtin": "kernel/fs/overlayfs/overlay.ko\nkernel/net/bridge/br_netfilter.ko"}
        self.assertEqual(self.missing({"/lib/modules/6.1/modules.dep": "kernel/x.ko:"}, builtin), [])

    def test_modules_that_are_missing(self) -> None:
        """kernel modules are missed where the kernel lists others only, or may not load them"""
        self.assertEqual(self.missing({"/lib/modules/6.1/modules.dep": "kernel/fs/overlayfs/overlay.ko:"}),
                         ["br_netfilter"])
        forbidden = {"/etc/modprobe.d/cis.conf": "  install overlay /bin/false\n"}
        self.assertEqual(self.missing(self.LISTED, forbidden), ["overlay"])
        self.assertEqual(self.missing(self.LOADED, forbidden), [])

    def account(self, *files: "dict[str, str]") -> bool:
        self.host(*files)
        return prepared.account("passwd", "etcd")

    def test_accounts(self) -> None:
        """an account is one of the machine, or of a directory that it asks"""
        asked: "list[str]" = []
        self.replace(pwd, "getpwnam", asked.append)
        self.assertTrue(self.account({"/etc/passwd": "root:x:0\netcd:x:9"}))
        own = {"/etc/nsswitch.conf": "passwd: files systemd\ngroup: sss"}
        self.assertFalse(self.account({"/etc/passwd": "etcd2:x:9"}, own))
        self.assertEqual(asked, [])
        self.assertTrue(self.account({"/etc/nsswitch.conf": "passwd: files [NOTFOUND=continue] sss"}))
        self.assertEqual(asked, ["etcd"])

    def later(self, *files: "dict[str, str]") -> "list[tuple[str, str, str]]":
        self.host(*files)
        return [(one["name"], one["value"], one["file"]) for one in prepared.later_parameters()]

    def test_later_parameters(self) -> None:
        """parameters of the profile that are set behind its file, by the order of names over all folders"""
        before = {"/etc/sysctl.d/50-a.conf": "kernel.panic=0", "/etc/sysctl.d/60-rke2-cis.conf": "kernel.panic=10"}
        self.assertEqual(self.later(before, {"/etc/sysctl.d/90-a.txt": "kernel.panic=0"}), [])
        self.assertEqual(
            self.later({"/usr/lib/sysctl.d/99-z.conf": "# kernel.panic=1\n-vm/overcommit_memory = 0\nnet.ipv4.ip_forward=1",
                        "/etc/sysctl.d/90-b.conf": "vm.overcommit_memory=2\nkernel.panic = 0"}),
            [("vm.overcommit_memory", "0", "/usr/lib/sysctl.d/99-z.conf"), ("kernel.panic", "0", "/etc/sysctl.d/90-b.conf")])

    def test_later_parameters_that_are_masked(self) -> None:
        """of two files of one name that of the first folder counts, also where it says nothing"""
        self.assertEqual(self.later({"/etc/sysctl.d/99-z.conf": "", "/usr/lib/sysctl.d/99-z.conf": "kernel.panic=0"}), [])

    def test_modules_of_nobody_knows(self) -> None:
        """kernel modules are not missed where nothing can be told"""
        self.assertEqual(self.missing(), [])
