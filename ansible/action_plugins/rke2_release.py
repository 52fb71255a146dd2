"""Installs the files of an RKE2 release; from a folder on this machine (air gap) it uploads what the host lacks, and no
more. Documented in library/rke2_release.py."""

import os
import sys

from ansible.errors import AnsibleActionFail

# Ansible finds modules and plugins, and nothing beside them.
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from host_task import HostTask
from slipway.download import checksums


class ActionModule(HostTask):
    module = "slipway.rke2.tasks.release"
    argument_spec = {
        "version": {"type": "str", "required": True},
        "artifact_url": {"type": "str"},
        "environment": {"type": "dict", "no_log": True},
        "uploads": {"type": "dict"},
        "discard": {"type": "bool", "default": False},
        "data_dir": {"type": "str", "default": "/var/lib/rancher/rke2"},
    }
    required_one_of = (("artifact_url", "uploads"),)

    def act(self, arguments, task_vars):
        folder = arguments.pop("artifact_path", None)
        if not folder:
            return self.perform(arguments, task_vars)
        folder = _version_folder(folder, arguments.get("version", ""))
        uploads = _listed(folder)
        arguments.pop("artifact_url", None)
        result = self.perform(dict(arguments, uploads=uploads), task_vars)
        needs = result.pop("needs", None)
        if not needs:
            return result
        remote = result["folder"]
        try:
            for name in needs:
                self._transfer_file(os.path.join(folder, name), os.path.join(remote, name))
                uploads[name]["path"] = os.path.join(remote, name)
        except Exception:
            self.perform(dict(arguments, uploads=uploads, discard=True), task_vars)
            raise
        return self.perform(dict(arguments, uploads=uploads), task_vars)


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
        raise _missing("%s cannot be read: %s" % (folder, error.strerror)) from error
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
