"""Runs the module rke2_release; from a folder on this machine (air gap) it uploads what the host lacks, and no more."""

import os
import sys

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# Ansible finds our module_utils for modules only, not for what runs here.
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "module_utils"))

from slipway_download import checksums  # noqa: E402

# Below the login user's home: writable without becoming root, one set of files at most after a crash.
UPLOADS = ".slipway-uploads"


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
        remote = os.path.join(self._remote_expand_user("~", sudoable=False), UPLOADS)
        try:
            self._upload(folder, remote, needs)
            for name in needs:
                uploads[name]["path"] = os.path.join(remote, name)
            return self._execute_module(module_args=dict(arguments, uploads=uploads), task_vars=task_vars)
        finally:
            self._low_level_execute_command("rm -rf %s" % self._connection._shell.quote(remote), sudoable=False)

    def _upload(self, folder, remote, names):
        place = self._connection._shell.quote(remote)
        made = self._low_level_execute_command("umask 077; rm -rf %s && mkdir %s" % (place, place), sudoable=False)
        if made["rc"] != 0:
            raise AnsibleActionFail("%s cannot be made: %s" % (remote, made["stderr"].strip()))
        for name in names:
            self._transfer_file(os.path.join(folder, name), os.path.join(remote, name))


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
