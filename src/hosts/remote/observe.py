"""Looks at a host and prints what it found as one JSON object. Reads only. Python 3.6, standard library, -I -S.

Stands behind the other files that observe.ts names. Arguments arrive as JSON on standard input after the script itself
(see python.ts): data_dir, hmac_key (hex), ports, release_directories, cluster (null, or what to ask the
local API server for, with api.py and etcd.py as `program`), deadline (s).
"""
import json
import os
import re
import signal
import sys
import time

STARTED = time.time()
UNITS = ["rke2-server.service", "rke2-agent.service", "firewalld.service", "ufw.service", "NetworkManager.service",
         "nm-cloud-setup.service", "nm-cloud-setup.timer", "fapolicyd.service"]
PROPERTIES = ["Id", "LoadState", "ActiveState", "SubState", "UnitFileState", "NRestarts", "MainPID", "Result",
              "ActiveEnterTimestampMonotonic", "ExecMainStartTimestamp", "InvocationID"]


def operating_system():
    release = key_values(text("/etc/os-release") or text("/usr/lib/os-release"))
    return {"id": release.get("ID", "linux"), "version_id": release.get("VERSION_ID", ""),
            "name": release.get("PRETTY_NAME", release.get("NAME", ""))}


def memory():
    found = {}
    for line in (text("/proc/meminfo") or "").splitlines():
        fields = line.split()
        found[fields[0].rstrip(":")] = int(fields[1]) // 1024
    return found.get("MemTotal", 0), found.get("SwapTotal", 0)


def disk(path):
    """The file system that holds a path, or would hold it."""
    at = path
    while not os.path.isdir(at) and at != "/":
        at = os.path.dirname(at)
    found = os.statvfs(at)
    return {"path": path, "mount": mount_of(at), "free_mib": found.f_bavail * found.f_frsize >> 20,
            "size_mib": found.f_blocks * found.f_frsize >> 20,
            # File systems without a fixed table of inodes say 0 of 0.
            "inodes_free": found.f_favail if found.f_files else None,
            "read_only": bool(found.f_flag & os.ST_RDONLY), "noexec": bool(found.f_flag & os.ST_NOEXEC)}


def mount_of(path):
    path = os.path.realpath(path)
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path


def units(shown):
    found = {}
    for block in shown.split("\n\n"):
        values = key_values(block)
        if "Id" in values:
            found[values["Id"]] = values
    return found


def restart_pending(values):
    """Whether the invocation that runs is older than a change made for it (ansible/module_utils/slipway_restart.py)."""
    for line in (text("/var/lib/slipway/restart-pending") or "").splitlines():
        unit, _, invocation = line.partition(" ")
        if unit + ".service" == values.get("Id"):
            return invocation.strip() in ("", values.get("InvocationID"))
    return False


def service(values):
    return {"load": values.get("LoadState", "not-found"), "active": values.get("ActiveState", "inactive"),
            "sub": values.get("SubState", "dead"), "enabled": values.get("UnitFileState", "") == "enabled",
            "restarts": number(values.get("NRestarts")) or 0, "main_pid": number(values.get("MainPID")) or 0,
            "started": values.get("ExecMainStartTimestamp", ""), "result": values.get("Result", ""),
            "restart_pending": restart_pending(values)}


def network_manager_ignores_cni():
    pattern = re.compile(r"^\s*unmanaged-devices\s*\+?=.*interface-name:(cali|flannel)", re.M)
    folders = ("/etc/NetworkManager/conf.d", "/usr/lib/NetworkManager/conf.d", "/run/NetworkManager/conf.d")
    files = ["/etc/NetworkManager/NetworkManager.conf"] + [
        folder + "/" + name for folder in folders for name in names(folder) if name.endswith(".conf")]
    return any(pattern.search(text(file) or "") for file in files)


def selinux():
    enforcing = text("/sys/fs/selinux/enforce")
    return {"0": "permissive", "1": "enforcing"}.get(enforcing, "disabled")


def has_selinux_policy():
    """Whether RKE2's policy (the package rke2-selinux) is here."""
    stores = ["/var/lib/selinux/targeted/active/modules/", "/etc/selinux/targeted/active/modules/"]
    return os.path.exists("/usr/share/selinux/packages/rke2.pp") or any(
        os.path.exists(store + priority + "/rke2") for store in stores for priority in names(store))


def data(folder):
    return {"path": folder, "exists": os.path.isdir(folder),
            "etcd_member": os.path.isdir(folder + "/server/db/etcd/member"),
            # What etcd calls this member; nothing on disk says whether the cluster still has it.
            "etcd_name": text(folder + "/server/db/etcd/name", 300) or None,
            "server": os.path.isdir(folder + "/server"), "agent": os.path.isdir(folder + "/agent"),
            "server_token": os.path.exists(folder + "/server/token"),
            "ca": authority(folder),
            "node_password": os.path.exists("/etc/rancher/node/password")}


def fence():
    fields = (text("/var/lib/slipway/fence") or "").split()
    if len(fields) != 4 or not (fields[0].isdigit() and fields[1].isdigit()):
        return None
    return {"epoch": int(fields[0]), "number": int(fields[1]), "installation": fields[2], "cluster": fields[3]}


def main():
    wanted = json.load(sys.stdin.buffer)
    signal.alarm(int(wanted["deadline"]))
    data_dir, key = wanted["data_dir"], bytes.fromhex(wanted["hmac_key"])
    show = Spawned("systemctl", "show", "--property=" + ",".join(PROPERTIES), *UNITS)
    show_environment = Spawned("systemctl", "show-environment")
    prefix, note = release_prefix(), read_note()
    noted = noted_version(note, prefix) if prefix else None
    version = Spawned(prefix + "/bin/rke2", "--version") if prefix and not noted else None
    uname = os.uname()
    memory_mib, swap_mib = memory()
    facts = {
        "hostname": uname.nodename, "machine_id": text("/etc/machine-id") or None,
        "boot_id": text("/proc/sys/kernel/random/boot_id"), "addresses": addresses(), "prepared": prepared(),
        "host_keys": host_keys()[:20],
        "product_uuid": text("/sys/class/dmi/id/product_uuid") or None, "os": operating_system(),
        "arch": uname.machine, "kernel": uname.release, "cpus": len(os.sched_getaffinity(0)),
        "memory_mib": memory_mib, "swap_mib": swap_mib,
        "disks": {"data": disk(data_dir), "prefix": disk(prefix or install_prefix(note)), "tmp": disk("/tmp"),
                  "uploads": disk("/var/lib/slipway/uploads")},
        "python": dict(zip(("path", "version"), module_python())), "uid": os.geteuid(),
        "listening": listening(wanted["ports"]), "selinux": selinux(), "selinux_policy": has_selinux_policy(),
        "apparmor": text("/sys/module/apparmor/parameters/enabled") == "Y",
        "config": configuration(key), "data": data(data_dir), "fence": fence(),
    }
    shown = units(show.output())
    active = {name for name, values in shown.items() if values.get("ActiveState") == "active"}
    facts["services"] = {name: service(shown.get(name + ".service", {})) for name in ("rke2-server", "rke2-agent")}
    inherited = show_environment.output()
    facts["effective"] = {unit: effective(unit, prefix or install_prefix(note), inherited)
                          for unit in ("rke2-server", "rke2-agent")}
    facts["firewall"] = {
        "firewalld": "firewalld.service" in active,
        "ufw": "ufw.service" in active and key_values(text("/etc/ufw/ufw.conf")).get("ENABLED") == "yes"}
    facts["network_manager"] = {
        "active": "NetworkManager.service" in active,
        "ignores_cni": "NetworkManager.service" in active and network_manager_ignores_cni(),
        "cloud_setup": any(name.startswith("nm-cloud-setup") and values.get("UnitFileState") == "enabled"
                           for name, values in shown.items())}
    facts["fapolicyd"] = {"active": "fapolicyd.service" in active,
                          "allows_rke2": os.path.exists("/etc/fapolicyd/rules.d/80-rke2.rules")}
    told = re.search(r"v\d+\.\d+\.\d+\S*", version.output()) if version else None
    facts["release"] = release(note, prefix, told.group(0) if told else noted, wanted["release_directories"])
    facts["leftovers"], facts["foreign_cni"] = leftovers(facts["services"], data_dir)
    facts["cluster"] = None
    if wanted["cluster"] and facts["services"]["rke2-server"]["main_pid"]:
        # Loaded for servers only: TLS is the dearest import there is.
        api = {}
        exec(compile(wanted["cluster"]["program"], "api.py", "exec"), api)
        facts["cluster"] = api["cluster"](wanted["cluster"])
        facts["cluster"]["etcd"] = api["membership"](data_dir, wanted["cluster"]["etcd_timeout"])
    facts["time"] = {"started": STARTED, "finished": time.time()}
    print(json.dumps(facts))


main()
