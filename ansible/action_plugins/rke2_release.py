"""Runs the module rke2_release; from a folder on this machine (air gap) it uploads what the host lacks, and no more."""

import os
import sys

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# Ansible finds our module_utils for modules only, not for what runs here.
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "module_utils"))

from slipway_download import checksums  # noqa: E402

class ActionModule(ActionBase):
    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        folder = arguments.pop("artifact_path", None)
        if not folder:
            return self._execute_module(module_args=arguments, task_vars=task_vars)
        folder = _version_folder(folder, arguments.get("version", ""))
        uploads = _listed(folder)
        arguments.pop("artifact_url", None)
        result = self._execute_module(module_args=dict(arguments, uploads=uploads), task_vars=task_vars)
        needs = result.pop("needs", None)
        if not needs:
            return result
        remote = result["folder"]
        try:
            for name in needs:
                self._transfer_file(os.path.join(folder, name), os.path.join(remote, name))
                uploads[name]["path"] = os.path.join(remote, name)
        except Exception:
            self._execute_module(module_args=dict(arguments, uploads=uploads, discard=True), task_vars=task_vars)
            raise
        return self._execute_module(module_args=dict(arguments, uploads=uploads), task_vars=task_vars)


def _version_folder(folder, version):
    """One folder may hold several versions, each in a folder of its own name; else it holds one release's files."""
    own = os.path.join(folder, version)
    return own if version and os.path.isdir(own) else folder


def _listed(folder):
    """Size of every tarball and image archive that is there, and its sha256 where it is listed."""
    listed = {}
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise _missing("%s cannot be read: %s" % (folder, error.strerror))
    for listing in names:
        if listing.startswith("sha256sum-") and listing.endswith(".txt"):
            with open(os.path.join(folder, listing), encoding="utf-8") as file:
                listed.update(checksums(file.read()))
    uploads = {}
    for name in names:
        if name.startswith("rke2") and name.endswith((".tar.gz", ".tar.zst")):
            uploads[name] = {"size": os.path.getsize(os.path.join(folder, name))}
            if name in listed:
                uploads[name]["sha256"] = listed[name]
    if not uploads or not listed:
        raise _missing("%s holds no release: a tarball and its sha256sum-<arch>.txt are needed" % folder)
    return uploads


def _missing(reason):
    return AnsibleActionFail(
        reason, result={"slipway_code": "release-missing", "slipway_message": reason})
