"""Looks at a host and tells what it found. Reads only.

Arguments: data_dir, hmac_key (hex), ports, release_directories, named_files, cluster (null, or what to ask the local
API server: `{"nodes": bool, "timeout": s, "etcd_timeout": s}`), deadline (s).
"""
import os
import re
import signal
import time

from slipway import machine
from slipway.exchange import arguments, reply
from slipway.reading import names, text
from slipway.rke2 import vip
from slipway.rke2.authority import authority
from slipway.rke2.certificates import certificate
from slipway.rke2.configuration import configuration
from slipway.rke2.effective import effective
from slipway.rke2.host_settings import host_settings, is_allowed
from slipway.rke2.installed import UPLOADS, install_prefix, noted_version, read_note, release, release_prefix
from slipway.rke2.leftovers import leftovers
from slipway.rke2.marks import is_noted
from slipway.rke2.own_files import own_files
from slipway.rke2.prepared import prepared
from slipway.rke2.tools import tools
from slipway.spawned import Spawned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STARTED = time.time()
SERVICES = ("rke2-server", "rke2-agent")


def has_selinux_policy() -> bool:
    """Whether RKE2's policy (the package rke2-selinux) is here."""
    stores = ["/var/lib/selinux/targeted/active/modules/", "/etc/selinux/targeted/active/modules/"]
    return os.path.exists("/usr/share/selinux/packages/rke2.pp") or any(
        os.path.exists(store + priority + "/rke2") for store in stores for priority in names(store))


def data(folder: str) -> "dict[str, Any]":
    return {"path": folder, "exists": os.path.isdir(folder),
            "etcd_member": os.path.isdir(folder + "/server/db/etcd/member"),
            # What etcd calls this member; nothing on disk says whether the cluster still has it.
            "etcd_name": text(folder + "/server/db/etcd/name", 300) or None,
            "server": os.path.isdir(folder + "/server"), "agent": os.path.isdir(folder + "/agent"),
            "server_token": os.path.exists(folder + "/server/token"),
            "ca": authority(folder),
            "node_password": os.path.exists("/etc/rancher/node/password")}


def cluster(wanted: "dict[str, Any]", data_dir: str) -> "dict[str, Any]":
    # Loaded for servers only: TLS is the dearest import there is.
    from slipway.rke2 import api, etcd

    found = api.cluster(wanted)
    found["etcd"] = etcd.membership(data_dir, wanted["etcd_timeout"])
    return found


def main() -> None:
    wanted = arguments()
    signal.alarm(int(wanted["deadline"]))
    data_dir = wanted["data_dir"]
    units = [name + ".service" for name in SERVICES] + machine.UNITS + [vip.UNIT]
    show = Spawned("systemctl", "show", "--property=" + ",".join(machine.PROPERTIES), *units)
    show_environment = Spawned("systemctl", "show-environment")
    key = bytes.fromhex(wanted["hmac_key"])
    prefix, note = release_prefix(), read_note()
    noted = noted_version(note, prefix) if prefix else None
    version = Spawned(prefix + "/bin/rke2", "--version") if prefix and not noted else None
    place = prefix or install_prefix(note)
    facts = machine.machine(wanted["ports"])
    facts.update({
        "prepared": prepared(), "selinux_policy": has_selinux_policy(),
        "disks": {"data": machine.disk(data_dir), "prefix": machine.disk(place), "tmp": machine.disk("/tmp"),
                  "uploads": machine.disk(UPLOADS)},
        "config": configuration(key), "own_files": own_files(key, data_dir, wanted["named_files"]),
        "data": data(data_dir),
        "certificate": certificate(data_dir),
    })
    shown = machine.units(show.output())
    of_services = {name: shown.get(name + ".service", {}) for name in SERVICES}
    facts["services"] = {name: machine.service(values, is_noted(name, values.get("InvocationID")))
                         for name, values in of_services.items()}
    inherited = show_environment.output()
    facts["effective"] = {unit: effective(unit, place, inherited) for unit in SERVICES}
    facts["vip"] = vip.look(key, data_dir, shown)
    facts["firewall"] = machine.firewall(shown)
    facts["network_manager"] = machine.network_manager(shown)
    facts["fapolicyd"] = is_allowed(shown)
    facts["host_settings"] = host_settings(shown)
    facts["tools"] = tools(data_dir)
    told = re.search(r"v\d+\.\d+\.\d+\S*", version.output()) if version else None
    has_run = facts["data"]["server"] or facts["data"]["agent"]
    facts["release"] = release(note, prefix, told.group(0) if told else noted, wanted["release_directories"], has_run)
    facts["leftovers"], facts["foreign_cni"] = leftovers(facts["services"], data_dir)
    asked = wanted["cluster"] and facts["services"]["rke2-server"]["main_pid"]
    facts["cluster"] = cluster(wanted["cluster"], data_dir) if asked else None
    facts["time"] = {"started": STARTED, "finished": time.time()}
    reply(facts)
