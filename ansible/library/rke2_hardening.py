#!/usr/bin/python
"""Makes what RKE2's profiles ask of a machine before they let RKE2 start: the account of etcd, and kernel parameters."""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.slipway_files import read_bytes, write_file

import errno
import grp
import os
import pwd

DOCUMENTATION = """
module: rke2_hardening
short_description: Prepares a machine for a profile of RKE2
options:
  account: {type: bool, default: false, description: Whether user and group etcd are needed.}
  parameters: {type: str, default: "", description: Content of the file with the kernel parameters; empty for none.}
"""

FILE = "/etc/sysctl.d/60-rke2-cis.conf"
NAME = "etcd"
# How kernels answer where their parameters are not this machine's to change, as in most containers.
CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)


def exists(find):
    try:
        find(NAME)
        return True
    except KeyError:
        return False


def call(module, *command):
    code, out, err = module.run_command([module.get_bin_path(command[0], required=True)] + list(command[1:]))
    if code != 0:
        reason = "%s: %s" % (" ".join(command), (err or out).strip()[-500:])
        module.fail_json(msg=reason, slipway_message=reason)


def make_account(module):
    """Returns what was made."""
    made = []
    if not exists(grp.getgrnam):
        made.append("group etcd")
        if not module.check_mode:
            call(module, "groupadd", "--system", NAME)
    if not exists(pwd.getpwnam):
        made.append("user etcd")
        if not module.check_mode:
            shell = next((path for path in ("/sbin/nologin", "/usr/sbin/nologin") if os.path.exists(path)), "/bin/false")
            call(module, "useradd", "--system", "--gid", NAME, "--no-create-home", "--home-dir", "/nonexistent",
                 "--comment", "etcd user", "--shell", shell, NAME)
    return made


def wanted_parameters(content):
    lines = (line.partition("=") for line in content.splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in lines}


def place(name):
    return "/proc/sys/" + name.replace(".", "/")


def effective(name):
    return (read_bytes(place(name)) or b"").decode("utf-8", "replace").strip()


def set_parameters(module, content):
    """Returns what was changed, and the parameters that cannot be."""
    changed, closed = [], []
    text = content if content.endswith("\n") else content + "\n"
    if read_bytes(FILE) != text.encode("utf-8"):
        changed.append(FILE)
        if not module.check_mode:
            write_file(FILE, text.encode("utf-8"), 0o644)
    for name, value in wanted_parameters(content).items():
        if effective(name) == value or module.check_mode:
            continue
        try:
            with open(place(name), "w") as file:
                file.write(value)
            changed.append(name)
        except OSError as error:
            if error.errno not in CLOSED:
                raise
            closed.append(name)
    return changed, closed


def main():
    module = AnsibleModule(
        argument_spec={"account": {"type": "bool", "default": False}, "parameters": {"type": "str", "default": ""}},
        supports_check_mode=True,
    )
    changed, closed = [], []
    try:
        if module.params["account"]:
            changed += make_account(module)
        if module.params["parameters"]:
            more, closed = set_parameters(module, module.params["parameters"])
            changed += more
    except OSError as error:
        reason = "%s: %s" % (error.filename or FILE, error.strerror)
        module.fail_json(msg=reason, slipway_message=reason)
    said = "made " + ", ".join(changed) if changed else ""
    if closed:
        said += "%s%s cannot be set here and must be set on the machine around it" % (said and "; ", ", ".join(closed))
    module.exit_json(changed=bool(changed), slipway_message=said)


if __name__ == "__main__":
    main()
