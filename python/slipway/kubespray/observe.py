"""Looks at a host and tells what it is, and what of Kubernetes lies on it where Kubespray puts things. Reads only.

Arguments: ports, deadline (s), etcd_timeout (s).
"""
import binascii
import http.client
import os
import signal
import time

from slipway import machine
from slipway.exchange import arguments, reply
from slipway.reading import key_values, read, text
from slipway.spawned import Spawned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STARTED = time.time()
CONFIG = "/etc/kubernetes/"
# Who else makes clusters, and where it shows.
OTHERS = {"rke2": "/etc/rancher/rke2", "k3s": "/etc/rancher/k3s", "k0s": "/var/lib/k0s", "microk8s": "/var/snap/microk8s"}


def kubernetes() -> "dict[str, Any]":
    authority = read(CONFIG + "ssl/ca.crt", 1 << 16) or read(CONFIG + "pki/ca.crt", 1 << 16)
    return {"ca": None if authority is None else binascii.b2a_base64(authority, newline=False).decode(),
            "kubelet": os.path.exists(CONFIG + "kubelet.conf"), "admin": os.path.exists(CONFIG + "admin.conf"),
            "others": sorted(name for name, path in OTHERS.items() if os.path.exists(path))}


def etcd(timeout: float) -> "dict[str, Any]":
    """As Kubespray sets it up as a service: what is on disk, and what it says (null: it does not answer)."""
    settings = key_values(text("/etc/etcd.env"))
    name, data = settings.get("ETCD_NAME", ""), settings.get("ETCD_DATA_DIR", "/var/lib/etcd")
    found = {"name": name or None, "data": os.path.isdir(data + "/member"), "told": None}  # type: dict[str, Any]
    if found["data"] and name:
        found["told"] = told(settings, name, timeout)
    return found


def told(settings: "dict[str, str]", name: str, timeout: float) -> "dict[str, Any] | None":
    # Loaded for members only: TLS is the dearest import there is.
    from slipway.etcd_peers import peers_context, told_by

    url = settings.get("ETCD_LISTEN_PEER_URLS", "").split(",")[0]
    files = [settings.get("ETCD_PEER_" + which, "") for which in ("TRUSTED_CA_FILE", "CERT_FILE", "KEY_FILE")]
    try:
        return told_by(url, name, peers_context(*files), timeout)
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return None


def main() -> None:
    wanted = arguments()
    signal.alarm(int(wanted["deadline"]))
    show = Spawned("systemctl", "show", "--property=" + ",".join(machine.PROPERTIES), *machine.UNITS)
    facts = machine.machine(wanted["ports"])
    facts.update({"disks": {"root": machine.disk("/"), "data": machine.disk("/var/lib/containerd")},
                  "kubernetes": kubernetes(), "etcd": etcd(wanted["etcd_timeout"])})
    facts["firewall"] = machine.firewall(machine.units(show.output()))
    facts["time"] = {"started": STARTED, "finished": time.time()}
    reply(facts)
