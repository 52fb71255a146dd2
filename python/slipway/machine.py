"""What a machine is, whatever runs on it."""
import os
import re

from slipway.fence_record import read_fence
from slipway.host_keys import host_keys
from slipway.interpreter import module_python
from slipway.network import listening, on_interfaces
from slipway.reading import key_values, names, number, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What systemd is asked of a unit for `service`, and of those that `firewall` and `network_manager` judge.
PROPERTIES = ["Id", "LoadState", "ActiveState", "SubState", "UnitFileState", "NRestarts", "MainPID", "Result",
              "ActiveEnterTimestampMonotonic", "ExecMainStartTimestamp", "InvocationID"]
UNITS = ["firewalld.service", "ufw.service", "NetworkManager.service", "nm-cloud-setup.service", "nm-cloud-setup.timer",
         "fapolicyd.service"]


def operating_system() -> "dict[str, str]":
    release = key_values(text("/etc/os-release") or text("/usr/lib/os-release"))
    return {"id": release.get("ID", "linux"), "version_id": release.get("VERSION_ID", ""),
            "name": release.get("PRETTY_NAME", release.get("NAME", ""))}


def memory() -> "tuple[int, int]":
    """MiB of memory and of swap."""
    found = {}
    for line in (text("/proc/meminfo") or "").splitlines():
        fields = line.split()
        found[fields[0].rstrip(":")] = int(fields[1]) // 1024
    return found.get("MemTotal", 0), found.get("SwapTotal", 0)


def disk(path: str) -> "dict[str, Any]":
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


def mount_of(path: str) -> str:
    path = os.path.realpath(path)
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path


def units(shown: str) -> "dict[str, dict[str, str]]":
    """Properties by unit, of what `systemctl show` prints of several."""
    found = {}
    for block in shown.split("\n\n"):
        values = key_values(block)
        if "Id" in values:
            found[values["Id"]] = values
    return found


def is_active(shown: "dict[str, dict[str, str]]", unit: str) -> bool:
    return shown.get(unit, {}).get("ActiveState") == "active"


def service(values: "dict[str, str]", restart_pending: bool) -> "dict[str, Any]":
    return {"load": values.get("LoadState", "not-found"), "active": values.get("ActiveState", "inactive"),
            "sub": values.get("SubState", "dead"), "enabled": values.get("UnitFileState", "") == "enabled",
            "restarts": number(values.get("NRestarts")) or 0, "main_pid": number(values.get("MainPID")) or 0,
            "started": values.get("ExecMainStartTimestamp", ""), "result": values.get("Result", ""),
            "restart_pending": restart_pending}


def network_manager(shown: "dict[str, dict[str, str]]") -> "dict[str, bool]":
    active = is_active(shown, "NetworkManager.service")
    return {"active": active, "ignores_cni": active and network_manager_ignores_cni(),
            "cloud_setup": any(name.startswith("nm-cloud-setup") and values.get("UnitFileState") == "enabled"
                               for name, values in shown.items())}


def network_manager_ignores_cni() -> bool:
    pattern = re.compile(r"^\s*unmanaged-devices\s*\+?=.*interface-name:(cali|flannel|cilium|lxc)", re.M)
    folders = ("/etc/NetworkManager/conf.d", "/usr/lib/NetworkManager/conf.d", "/run/NetworkManager/conf.d")
    files = ["/etc/NetworkManager/NetworkManager.conf"] + [
        folder + "/" + name for folder in folders for name in names(folder) if name.endswith(".conf")]
    return any(pattern.search(text(file) or "") for file in files)


def firewall(shown: "dict[str, dict[str, str]]") -> "dict[str, bool]":
    return {"firewalld": is_active(shown, "firewalld.service"),
            "ufw": is_active(shown, "ufw.service") and key_values(text("/etc/ufw/ufw.conf")).get("ENABLED") == "yes"}


def selinux() -> str:
    return {"0": "permissive", "1": "enforcing"}.get(text("/sys/fs/selinux/enforce") or "", "disabled")


def machine(ports: "list[int]") -> "dict[str, Any]":
    """`ports`: those whose listener is named."""
    uname = os.uname()
    memory_mib, swap_mib = memory()
    interfaces = on_interfaces()
    return {
        "hostname": uname.nodename, "machine_id": text("/etc/machine-id") or None,
        "product_uuid": text("/sys/class/dmi/id/product_uuid") or None,
        "boot_id": text("/proc/sys/kernel/random/boot_id"), "host_keys": host_keys()[:20], "interfaces": interfaces,
        "addresses": None if interfaces is None else sorted({told["address"] for told in interfaces}),
        "os": operating_system(), "arch": uname.machine, "kernel": uname.release, "cpus": len(os.sched_getaffinity(0)),
        "memory_mib": memory_mib, "swap_mib": swap_mib, "python": dict(zip(("path", "version"), module_python())),
        "uid": os.geteuid(), "listening": listening(ports), "selinux": selinux(),
        "apparmor": text("/sys/module/apparmor/parameters/enabled") == "Y", "fence": read_fence() or None,
    }
