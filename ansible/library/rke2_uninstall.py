#!/usr/bin/python
"""Runs RKE2's own uninstall script, and removes what Slipway put beside it."""

from ansible.module_utils.basic import AnsibleModule

import contextlib
import os
import shutil

DOCUMENTATION = """
module: rke2_uninstall
short_description: Removes RKE2 and its data from a host
description:
  - The script wipes all data of the node. It never touches etcd's membership, which must be gone before.
  - It removes itself also when it fails half-way, so that what counts is what is left afterwards.
options:
  data_dir: {type: path, default: /var/lib/rancher/rke2}
"""

GUARDS = tuple("/etc/systemd/system/rke2-%s.service.d/10-slipway-guard.conf" % role for role in ("server", "agent"))
PREFIXES = ("/usr/local", "/opt/rke2", "/usr")
LEFT_BEHIND = GUARDS + (
    "/etc/default/rke2-server",
    "/etc/default/rke2-agent",
    "/etc/rancher/rke2",
    "/etc/sysctl.d/60-rke2-cis.conf",
    "/var/lib/slipway/bootstrap-guard",
    "/var/lib/slipway/bootstrap-permit",
    "/var/lib/slipway/release.json",
    "/var/lib/slipway/restart-pending",
    "/var/lib/slipway/uploads",
)


def uninstall(module, script, data_dir):
    prefix = os.path.dirname(os.path.dirname(script))
    # The script looks for units there, and ends where it cannot.
    os.makedirs(os.path.join(prefix, "lib", "systemd", "system"), exist_ok=True)
    environment = {"RKE2_DATA_DIR": data_dir, "INSTALL_RKE2_ROOT": prefix}
    code, out, err = module.run_command([script], environ_update=environment)
    if code != 0:
        fail(module, "%s ended with %d: %s" % (script, code, (err or out).strip()[-1000:]))


def find_left(paths):
    return [path for path in paths if os.path.lexists(path)]


def fail(module, reason):
    module.fail_json(msg=reason, slipway_message=reason)


def main():
    module = AnsibleModule(
        argument_spec={"data_dir": {"type": "path", "default": "/var/lib/rancher/rke2"}}, supports_check_mode=True)
    data_dir = module.params["data_dir"]
    places = [os.path.join(prefix, "bin", "rke2-uninstall.sh") for prefix in PREFIXES]
    script = next((place for place in places if os.path.exists(place)), None)
    if module.check_mode:
        module.exit_json(changed=bool(script or find_left(LEFT_BEHIND)), slipway_message="")
    if script:
        uninstall(module, script, data_dir)
    remaining = find_left([data_dir] + [os.path.join(prefix, "bin", "rke2") for prefix in PREFIXES])
    if remaining:
        why = "after %s" % script if script else "and no rke2-uninstall.sh is on this host any more"
        fail(module, "RKE2 is not removed: %s still there, %s" % (" and ".join(remaining), why))
    left = find_left(LEFT_BEHIND)
    for path in left:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        elif os.path.lexists(path):
            os.unlink(path)
    for guard in set(GUARDS).intersection(left):
        with contextlib.suppress(OSError):  # Somebody else's drop-ins stay.
            os.rmdir(os.path.dirname(guard))
    changed = bool(script or left)
    module.exit_json(changed=changed, slipway_message="removed RKE2 and its data" if changed else "")


if __name__ == "__main__":
    main()
