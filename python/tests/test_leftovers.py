import json
import os

from slipway.rke2 import leftovers
from tests.cases import Cases, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def plugins(*types: str) -> str:
    return json.dumps({"plugins": [{"type": kind} for kind in types]})


class Leftovers(Cases):
    def setUp(self) -> None:
        super().setUp()
        self.replace(leftovers, "CNI", self.at("cni"))
        self.replace(os.path, "exists", lambda path: False)
        self.replace(leftovers, "stray_processes", lambda: ["process etcd"])
        self.replace(leftovers, "interfaces", lambda: ["eth0", "cali0", "flannel.1"])

    def left(self, data: str, pid: int = 0) -> "list[str]":
        self.place("cni/10-canal.conflist")
        services = {"rke2-server": {"main_pid": 0}, "rke2-agent": {"main_pid": pid}}
        return [path.replace(self.folder, "") for path in leftovers.leftovers(services, self.at(data))[0]]

    def test_are_found(self) -> None:
        """an earlier Kubernetes has left its processes, its interfaces and the settings of its network"""
        self.assertEqual(self.left("none"), [
            "process etcd", "interface cali0", "interface flannel.1", "/cni/10-canal.conflist"])

    @each(("server",), ("agent",))
    def test_outlive_a_service(self, kind: str) -> None:
        """what outlives a stopped service beside the data of RKE2 is no leftover: %s"""
        os.makedirs(self.at("data/" + kind))
        self.assertEqual(self.left("data"), [])

    def test_are_not_of_a_service_that_runs(self) -> None:
        """what belongs to a service that runs is no leftover"""
        self.assertEqual(self.left("none", 7), [])


class Networks(Cases):
    def setUp(self) -> None:
        super().setUp()
        self.replace(leftovers, "CNI", self.folder)

    def test_are_of_a_kubernetes_or_of_others(self) -> None:
        """container networks are a Kubernetes', or others' by the name of their file or by what they are made of"""
        for name, content in (
            ("87-podman-bridge.conflist", plugins("bridge", "portmap", "firewall", "tuning")),
            ("100-crio-bridge.conflist", ""),
            ("50-home.conflist", plugins("macvlan")),
            ("99-loopback.conf", '{"type": "loopback"}'),
            ("10-canal.conflist", plugins("calico", "portmap", "bandwidth")),
            ("10-flannel.conflist", plugins("flannel", "portmap")),
            ("05-cilium.conflist", plugins("cilium-cni")),
            ("10-broken.conflist", "{"),
            ("readme", ""),
        ):
            self.place(name, content)
        kubernetes, others, _ = leftovers.cni_files()
        names = ("05-cilium.conflist", "10-broken.conflist", "10-canal.conflist", "10-flannel.conflist")
        self.assertEqual(kubernetes, [self.at(name) for name in names])
        self.assertEqual([(os.path.basename(one["path"]), one["owner"]) for one in others], [
            ("100-crio-bridge.conflist", "CRI-O"), ("50-home.conflist", None), ("87-podman-bridge.conflist", "Podman"),
            ("99-loopback.conf", None)])

    @each(
        ("the one it names", {"type": "bridge", "bridge": "cni0"}, []),
        ("the one it has by default", {"type": "bridge"}, []),
        ("and no other", {"type": "bridge", "bridge": "other0"}, ["interface cni0"]),
    )
    def test_have_bridges(self, _: str, plugin: "dict[str, Any]", left: "list[str]") -> None:
        """a bridge is no leftover where it belongs to the network of somebody else: %s"""
        self.place("100-crio-bridge.conflist", json.dumps({"plugins": [plugin]}))
        self.replace(os.path, "exists", lambda path: False)
        self.replace(leftovers, "stray_processes", list)
        self.replace(leftovers, "interfaces", lambda: ["cni0", "eth0"])
        services = {"rke2-server": {"main_pid": 0}, "rke2-agent": {"main_pid": 0}}
        self.assertEqual(leftovers.leftovers(services, "/nowhere")[0], left)
