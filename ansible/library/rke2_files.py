#!/usr/bin/python
"""Writes a node's configuration files in one step a file. Contents are secret: they never come back."""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.slipway_files import full_message, read_bytes, write_file

import os

DOCUMENTATION = """
module: rke2_files
short_description: Writes a node's configuration files
options:
  files:
    description: Each file as it is to be.
    type: list
    elements: dict
    required: true
    suboptions:
      path: {type: path, required: true}
      content: {type: str, description: Exact content. Empty text means that there is to be no file.}
      mode: {type: str, default: "0600"}
      mark: {type: str, description: Only a file that begins with this line is removed.}
      unless: {type: path, description: Nothing is written while this path exists.}
"""

FILE = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True, "no_log": True},
    "mode": {"type": "str", "default": "0600"},
    "mark": {"type": "str"},
    "unless": {"type": "path"},
}


def put(module, path, content, mode):
    """True when something was (or, in check mode, would be) changed."""
    current = read_bytes(path)
    if current != content:
        if not module.check_mode:
            write_file(path, content, mode)
            module.set_context_if_different(path, module.selinux_default_context(path), False)
        return True
    status = os.stat(path)
    right = status.st_mode & 0o7777 == mode and (status.st_uid, status.st_gid) == (0, 0)
    if not right and not module.check_mode:
        os.chown(path, 0, 0)
        os.chmod(path, mode)
    return not right


def drop(module, path, mark):
    current = read_bytes(path)
    if current is None or (mark and not current.startswith(mark.encode("utf-8") + b"\n")):
        return False
    if not module.check_mode:
        os.unlink(path)
    return True


def main():
    module = AnsibleModule(
        argument_spec={"files": {"type": "list", "elements": "dict", "required": True, "options": FILE}},
        supports_check_mode=True,
    )
    changed = []
    for file in module.params["files"]:
        # Ansible ends what a template renders with a newline, also when it renders nothing.
        path, content = file["path"], file["content"].encode("utf-8") if file["content"].strip() else b""
        if file["unless"] and os.path.exists(file["unless"]):
            continue
        try:
            if put(module, path, content, int(file["mode"], 8)) if content else drop(module, path, file["mark"]):
                changed.append(path)
        except OSError as error:
            reason = full_message(error, path) or "%s cannot be written: %s" % (path, error.strerror)
            module.fail_json(msg=reason, slipway_message=reason)
    module.exit_json(
        changed=bool(changed),
        slipway_message="wrote " + ", ".join(changed) if changed else "",
        slipway_data={"files": changed},
    )


if __name__ == "__main__":
    main()
