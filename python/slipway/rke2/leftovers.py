"""What of another Kubernetes, or of other users of containers, lies on a host."""
import json
import os
import re

from slipway.reading import names, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CNI = "/etc/cni/net.d"
# Who writes which of these files, though it is no Kubernetes.
CNI_OWNERS = [("podman", "Podman"), ("nerdctl", "nerdctl"), ("crio", "CRI-O"), ("cri-o", "CRI-O"), ("docker", "Docker"),
              ("containerd", "containerd"), ("buildkit", "BuildKit"), ("nomad", "Nomad"), ("lxd", "LXD"), ("incus", "Incus"),
              ("firecracker", "Firecracker"), ("ignite", "Ignite"), ("fcnet", "Firecracker")]
# Plugins that a network on one machine is made of; those of Kubernetes' networks carry their own names.
PLAIN_PLUGINS = {"bridge", "portmap", "firewall", "tuning", "loopback", "bandwidth", "dnsname", "ptp", "macvlan", "ipvlan",
                 "isolation", "sbr", "vrf", "host-device", "vlan", "dummy", "tap", "tc-redirect-tap", "netavark"}


def plugins_of(path: str) -> "set[tuple[str, str | None]] | None":
    """(type, bridge or None) of the plugins in a CNI file; None where it cannot be read as one."""
    try:
        content = json.loads(text(path) or "")
        listed = content.get("plugins") if path.endswith("list") else [content]
        return {(plugin["type"], plugin.get("bridge", "cni0") if plugin["type"] == "bridge" else None) for plugin in listed}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def cni_files() -> "tuple[list[str], list[dict[str, Any]], set[str]]":
    """(files of a Kubernetes' network, files of others as {path, owner}, bridges that the others' networks are made of)."""
    kubernetes: "list[str]" = []
    others: "list[dict[str, Any]]" = []
    bridges: "set[str]" = set()
    for name in names(CNI):
        if not re.search(r"\.(conf|conflist|json)$", name):
            continue
        path = CNI + "/" + name
        owner = next((owner for word, owner in CNI_OWNERS if word in name.lower()), None)
        plugins = plugins_of(path)
        if owner or (plugins and {kind for kind, _ in plugins} <= PLAIN_PLUGINS):
            others.append({"path": path, "owner": owner})
            bridges.update(bridge for _, bridge in plugins or () if bridge)
        else:
            kubernetes.append(path)
    return kubernetes, others[:50], bridges


def interfaces() -> "list[str]":
    return [line.split(":")[0].strip() for line in (text("/proc/net/dev") or "").splitlines() if ":" in line]


def stray_processes() -> "list[str]":
    """Programs of a Kubernetes that run here, with where they lie: a path says whose they are."""
    kubernetes = {"rke2", "k3s", "kubelet", "kube-apiserver", "kube-scheduler", "kube-controller", "kube-proxy", "etcd"}
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        name = text("/proc/" + pid + "/comm")
        if name not in kubernetes or (name == "etcd" and not is_kubernetes_etcd(pid)):
            continue
        try:
            program = os.readlink("/proc/" + pid + "/exe")
        except OSError:
            program = ""
        inside = re.search(r"docker|libpod|lxc|machine\.slice", text("/proc/" + pid + "/cgroup") or "")
        where = " (in a container)" if inside else " (" + program + ")" if program else ""
        found.add("process %s%s" % (name, where))
    return sorted(found)


def is_kubernetes_etcd(pid: str) -> bool:
    """Others run an etcd of their own (Patroni, Vitess): theirs is none of our business, but for the ports it may hold."""
    command = (text("/proc/" + pid + "/cmdline") or "").replace("\0", " ")
    program = os.path.basename(command.split(" ")[0]) if command else ""
    return re.search(r"kube|rancher|k3s|k0s|rke", command) is not None or program != "etcd"


def leftovers(services: "dict[str, Any]", data_dir: str) -> "tuple[list[str], list[dict[str, Any]]]":
    """Traces of an earlier Kubernetes that is not this host's own RKE2, and CNI files of others."""
    found = []
    for path in ("/usr/local/bin/k3s", "/etc/rancher/k3s", "/var/lib/rancher/k3s", "/etc/kubernetes/admin.conf",
                 "/etc/kubernetes/kubelet.conf", "/etc/kubernetes/manifests", "/var/lib/kubelet/config.yaml",
                 "/var/lib/etcd/member"):
        if os.path.exists(path) and not (path == "/var/lib/etcd/member" and not os.path.exists("/etc/kubernetes")):
            found.append(path)
    kubernetes, others, bridges = cni_files()
    running = any(services[name]["main_pid"] for name in ("rke2-server", "rke2-agent"))
    # Containers and their interfaces outlive the service that started them (KillMode=process): beside the data of an
    # RKE2 they are its own, and whose that is the fence says.
    if running or any(os.path.isdir(data_dir + name) for name in ("/server", "/agent")):
        return found[:100], others
    found += stray_processes()
    found += ["interface " + name for name in interfaces()
              if re.match(r"(cni0|flannel|cali|vxlan\.calico)", name) and name not in bridges]
    return (found + kubernetes)[:100], others
