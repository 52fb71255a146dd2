#!/usr/bin/python
"""Brings one RKE2 release to a host: downloaded or uploaded, verified, unpacked aside and moved into place."""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.slipway_download import (
    Missing, Unavailable, WrongChecksum, checksums, compare, copy_file, fetch, shown, use_proxies)
from ansible.module_utils.slipway_files import full_message, sync_folder
from ansible.module_utils.slipway_release import (
    STAGING, Unsound, choose_prefix, install, is_installed, move_prefix, note_image, note_release, read_note, unpack)
from ansible.module_utils.slipway_restart import restart_due

import os
import platform
import re
import shutil
import zlib

DOCUMENTATION = """
module: rke2_release
short_description: Installs the files of an RKE2 release
description: Never configures, enables or starts anything.
options:
  version: {type: str, required: true}
  artifact_url: {type: str, description: Release URL or mirror; the files lie below <url>/<version>/.}
  environment: {type: dict, description: HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the download.}
  uploads:
    type: dict
    description: >-
      Air gap, set by the action plugin. For each file of the folder on the controller its size, its sha256 where one
      is listed, and the path it was uploaded to, if it was.
  discard: {type: bool, default: false, description: Does nothing but remove what was uploaded.}
  data_dir: {type: path, default: /var/lib/rancher/rke2}
"""

SERVICES = ("rke2-server", "rke2-agent")
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


# Where the login user puts the files of the release. Not its home: that may be closed, small or not be there at all.
UPLOADS = "/var/lib/slipway/uploads"


class Refused(Exception):
    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


def architecture():
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise Refused("release-missing", "RKE2 has no release for the architecture %s" % machine)
    return ARCHITECTURES[machine]


def refuse_package():
    if os.path.exists("/usr/bin/rke2"):
        raise Refused("guard-refused", "RKE2 is installed here from a package (/usr/bin/rke2); remove it first")


def check_version(program, version, module):
    """A mirror or folder may hold another release than its name says."""
    code, out, err = module.run_command([program, "--version"])
    words = out.split()
    if code != 0 or version not in words:
        found = next((word for word in words if re.match(r"v\d", word)), (err or out).strip()[-200:] or "nothing")
        raise Refused("release-missing", "the tarball holds %s, not %s" % (found, version))


def tarball_source(module, tarball):
    """Returns (expected sha256, function that writes the tarball to an open file and returns its sha256, names of the
    tarball and of the list of checksums for messages)."""
    uploads = module.params["uploads"]
    if uploads is not None:
        upload = uploads[tarball]
        return upload["sha256"], lambda file: copy_file(upload["path"], file), uploaded(tarball)
    base = "%s/%s" % (module.params["artifact_url"].rstrip("/"), module.params["version"].replace("+", "%2B"))
    use_proxies(module.params["environment"] or {}, base)
    arch = architecture()
    listing = "%s/sha256sum-%s.txt" % (base, arch)
    listed = checksums(fetch(listing))
    if tarball not in listed:
        raise Refused("release-missing", "%s does not list %s" % (shown(listing), tarball))
    source = "%s/%s" % (base, tarball)
    return listed[tarball], lambda file: fetch(source, file), (shown(source), shown(listing))


def uploaded(name):
    """Names for messages of a file of the folder on the controller, and of its list of checksums."""
    return "%s of artifact_path" % name, "its sha256sum file"


def install_release(module, tarball):
    prefix = choose_prefix()
    staging = os.path.join(prefix, STAGING)
    shutil.rmtree(staging, ignore_errors=True)
    os.makedirs(staging, mode=0o700)
    try:
        expected, write, (source, listing) = tarball_source(module, tarball)
        path = os.path.join(staging, tarball)
        with open(path, "wb") as file:
            compare(source, write(file), expected, listing)
        folder = os.path.join(staging, "root")
        names = unpack(path, folder)
        os.unlink(path)
        check_version(os.path.join(folder, "bin", "rke2"), module.params["version"], module)
        move_prefix(folder, names, prefix)
        with restart_due(module, SERVICES):
            places = install(folder, names, prefix)
            for place in places:
                module.set_context_if_different(place, module.selinux_default_context(place), False)
            note_release(module.params["version"], expected, prefix, places)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return prefix


def image_names(uploads, arch):
    """Image archives of the folder for this architecture; of two packings of one archive the smaller (zst)."""
    endings = (".linux-%s.tar.zst" % arch, ".linux-%s.tar.gz" % arch)
    names = sorted(name for name in uploads if name.startswith("rke2-images") and name.endswith(endings))
    return [name for name in names if not (name.endswith(".gz") and name[:-3] + ".zst" in names)]


def image_path(module, name):
    return os.path.join(module.params["data_dir"], "agent", "images", name)


def has_image(module, name):
    path = image_path(module, name)
    noted = read_note().get("images", {}).get(name)
    return noted == module.params["uploads"][name]["sha256"] and os.path.exists(path) and (
        os.path.getsize(path) == module.params["uploads"][name]["size"])


def install_image(module, name):
    upload, path = module.params["uploads"][name], image_path(module, name)
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    partial = path + ".partial"
    try:
        with open(partial, "wb") as file:
            source, listing = uploaded(name)
            compare(source, copy_file(upload["path"], file), upload["sha256"], listing)
            os.fsync(file.fileno())
        os.rename(partial, path)
    except OSError as error:
        error.filename = error.filename or path
        raise
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
    sync_folder(os.path.dirname(path))
    note_image(name, upload["sha256"])


def clear_uploads():
    shutil.rmtree(UPLOADS, ignore_errors=True)


def open_uploads(uploads, needed):
    """An empty folder that whoever has logged in may write to; what an earlier upload has left is gone."""
    clear_uploads()
    if os.path.islink(UPLOADS) or (os.path.exists(UPLOADS) and not os.path.isdir(UPLOADS)):
        os.unlink(UPLOADS)
    # One that somebody mounts there can be emptied, and not be removed.
    os.makedirs(UPLOADS, mode=0o755, exist_ok=True)
    wanted = sum(uploads[name]["size"] for name in needed)
    status = os.statvfs(UPLOADS)
    free = status.f_bavail * status.f_frsize
    if free < wanted:
        clear_uploads()
        raise Refused("preflight-failed", "%d MiB are free on the file system of %s, the files of the release need %d" % (
            free >> 20, UPLOADS, -(-wanted >> 20)))
    os.chmod(UPLOADS, 0o700)
    os.chown(UPLOADS, int(os.environ.get("SUDO_UID") or 0), -1)


def refuse_folder(uploads, tarball, images):
    """Names what the folder on the controller lacks, before anything is brought."""
    if tarball is not None and "sha256" not in uploads.get(tarball, {}):
        raise Refused("release-missing", "the folder holds no %s, or its sha256sum file does not list it" % tarball)
    unlisted = [name for name in images if "sha256" not in uploads[name]]
    if unlisted:
        raise Refused("release-missing", "no sha256sum file of the folder lists %s" % " and ".join(unlisted))


def run(module):
    """Returns the result; `needs` names the files the action plugin must upload before it calls again."""
    refuse_package()
    arch = architecture()
    version, uploads = module.params["version"], module.params["uploads"]
    tarball = "rke2.linux-%s.tar.gz" % arch
    sha256 = (uploads or {}).get(tarball, {}).get("sha256")
    installed = is_installed(version, sha256)
    images = image_names(uploads or {}, arch)
    if uploads is not None:
        refuse_folder(uploads, None if installed else tarball, images)
    images = [name for name in images if not has_image(module, name)]
    if installed and not images:
        return {"changed": False, "slipway_data": {"prefix": choose_prefix()}}
    if module.check_mode:
        return {"changed": True, "slipway_message": "would install %s" % version}
    if uploads is not None:
        wanted = ([] if installed else [tarball]) + images
        missing = [name for name in wanted if not uploads[name].get("path")]
        if missing:
            open_uploads(uploads, missing)
            return {"changed": False, "needs": missing, "folder": UPLOADS}
    # The release is noted last: what broke off before that is not taken for whole.
    for name in images:
        install_image(module, name)
    prefix = choose_prefix() if installed else install_release(module, tarball)
    return {"changed": True, "slipway_message": "installed %s" % version, "slipway_data": {"prefix": prefix}}


def main():
    module = AnsibleModule(
        argument_spec={
            "version": {"type": "str", "required": True},
            "artifact_url": {"type": "str"},
            "environment": {"type": "dict", "no_log": True},
            "uploads": {"type": "dict"},
            "discard": {"type": "bool", "default": False},
            "data_dir": {"type": "path", "default": "/var/lib/rancher/rke2"},
        },
        required_one_of=[["artifact_url", "uploads"]],
        supports_check_mode=True,
    )
    try:
        if module.params["discard"]:
            clear_uploads()
            module.exit_json(changed=False)
        result = run(module)
    except Refused as error:
        module.fail_json(msg=str(error), slipway_message=str(error), slipway_code=error.code)
    except Missing as error:
        module.fail_json(msg=str(error), slipway_message=str(error), slipway_code="release-missing")
    except WrongChecksum as error:
        module.fail_json(msg=str(error), slipway_message=str(error), slipway_code="checksum-mismatch")
    except Unavailable as error:
        module.fail_json(msg=str(error), slipway_message=str(error), slipway_code="release-unreachable")
    except (Unsound, EOFError, zlib.error) as error:
        module.fail_json(msg=str(error), slipway_message=str(error), slipway_code="release-damaged")
    except OSError as error:
        reason = full_message(error, error.filename or choose_prefix()) or str(error)
        module.fail_json(msg=reason, slipway_message=reason)
    finally:
        if any(upload.get("path") for upload in (module.params["uploads"] or {}).values()):
            clear_uploads()
    module.exit_json(**result)


if __name__ == "__main__":
    main()
