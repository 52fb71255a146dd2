#!/usr/bin/python
"""Runs RKE2's own uninstall script, and removes what Slipway put beside it."""

from ansible.module_utils.basic import AnsibleModule

import os
import shutil

DOCUMENTATION = """
module: rke2_uninstall
short_description: Removes RKE2 and its data from a host
description: The script wipes all data of the node. It never touches etcd's membership, which must be gone before.
options:
  data_dir: {type: path, default: /var/lib/rancher/rke2}
"""

PREFIXES = ("/usr/local", "/opt/rke2", "/usr")
LEFT_BEHIND = (
    "/etc/systemd/system/rke2-server.service.d/10-slipway-guard.conf",
    "/etc/default/rke2-server",
    "/etc/default/rke2-agent",
    "/etc/rancher/rke2",
    "/var/lib/slipway/bootstrap-guard",
    "/var/lib/slipway/bootstrap-permit",
    "/var/lib/slipway/release.json",
    "/var/lib/slipway/restart-pending",
)


def main():
    module = AnsibleModule(
        argument_spec={"data_dir": {"type": "path", "default": "/var/lib/rancher/rke2"}}, supports_check_mode=True)
    data_dir = module.params["data_dir"]
    places = [os.path.join(prefix, "bin", "rke2-uninstall.sh") for prefix in PREFIXES]
    script = next((place for place in places if os.path.exists(place)), None)
    left = [path for path in LEFT_BEHIND if os.path.lexists(path)]
    if module.check_mode:
        module.exit_json(changed=bool(script or left), slipway_message="")
    if script:
        environment = {"RKE2_DATA_DIR": data_dir, "INSTALL_RKE2_ROOT": os.path.dirname(os.path.dirname(script))}
        code, out, err = module.run_command([script], environ_update=environment)
        if code != 0:
            reason = "%s ended with %d: %s" % (script, code, (err or out).strip()[-1000:])
            module.fail_json(msg=reason, slipway_message=reason)
    for path in left:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        elif os.path.lexists(path):
            os.unlink(path)
    module.exit_json(changed=bool(script or left), slipway_message="removed RKE2 and its data")


if __name__ == "__main__":
    main()
