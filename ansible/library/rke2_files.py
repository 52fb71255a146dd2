#!/usr/bin/python
"""Writes a node's configuration files in one step a file. Contents are secret: they never come back."""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.slipway_files import full_message, read_bytes, write_file
from ansible.module_utils.slipway_restart import MARK, restart_due

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
      restarts: {type: str, description: Service that has to be restarted to read it. Before a change a mark says so.}
  folders:
    description: Folders that RKE2 writes into and does not make itself. One that is there stays as it is.
    type: list
    elements: path
"""

FILE = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True, "no_log": True},
    "mode": {"type": "str", "default": "0600"},
    "mark": {"type": "str"},
    "unless": {"type": "path"},
    "restarts": {"type": "str"},
}


def step(file, module):
    """What has to be done for one file, as (act, service to restart afterwards or None); None when nothing is."""
    path, mode = file["path"], int(file["mode"], 8)
    if file["unless"] and os.path.exists(file["unless"]):
        return None
    # Ansible ends what a template renders with a newline, also when it renders nothing.
    wanted = file["content"].encode("utf-8") if file["content"].strip() else None
    current = read_bytes(path)
    if current != wanted:
        foreign = file["mark"] and not (current or b"").startswith(file["mark"].encode("utf-8") + b"\n")
        if wanted is None and foreign:
            return None
        return lambda: write(path, wanted, mode, module), file["restarts"]
    if wanted is None or is_protected(path, mode):
        return None
    return lambda: protect(path, mode), None


def write(path, content, mode, module):
    if content is None:
        os.unlink(path)
        return
    write_file(path, content, mode)
    module.set_context_if_different(path, module.selinux_default_context(path), False)


def is_protected(path, mode):
    status = os.stat(path)
    return status.st_mode & 0o7777 == mode and (status.st_uid, status.st_gid) == (0, 0)


def protect(path, mode):
    os.chown(path, 0, 0)
    os.chmod(path, mode)


def make_folder(path):
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for depth, folder in reversed(list(enumerate(missing))):
        os.mkdir(folder)
        os.chmod(folder, 0o755 if depth else 0o700)


def refuse(module, path, error):
    reason = full_message(error, path) or "%s cannot be written: %s" % (path, error.strerror)
    module.fail_json(msg=reason, slipway_message=reason)


def main():
    module = AnsibleModule(
        argument_spec={
            "files": {"type": "list", "elements": "dict", "required": True, "options": FILE},
            "folders": {"type": "list", "elements": "path", "default": []},
        },
        supports_check_mode=True,
    )
    due, at = {}, MARK
    try:
        for at in module.params["folders"]:
            if not os.path.isdir(at):
                due[at] = lambda at=at: make_folder(at), None
        for file in module.params["files"]:
            at = file["path"]
            found = step(file, module)
            if found:
                due[at] = found
        units = sorted({unit for _, unit in due.values() if unit})
        if not module.check_mode:
            at = MARK
            with restart_due(module, units):
                for at, (act, _) in due.items():
                    act()
    except OSError as error:
        refuse(module, at, error)
    changed = list(due)
    module.exit_json(
        changed=bool(changed),
        restarts=units,
        slipway_message="wrote " + ", ".join(changed) if changed else "",
        slipway_data={"files": changed},
    )


if __name__ == "__main__":
    main()
