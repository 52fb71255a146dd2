#!/usr/bin/python
"""For ansible-doc: action_plugins/ runs python/slipway/rke2/tasks/release.py in its place."""

DOCUMENTATION = """
module: rke2_release
short_description: Installs the files of an RKE2 release
description: Verified, unpacked aside and moved into place. Never configures, enables or starts anything.
options:
  version: {type: str, required: true, description: As RKE2 names it.}
  artifact_url: {type: str, description: Release URL or mirror; the files lie below <url>/<version>/.}
  artifact_path:
    type: str
    description: Folder on the controller with the files of a release, or a folder a version; wins over the URL.
  environment: {type: dict, description: HTTP_PROXY and HTTPS_PROXY and NO_PROXY of the download.}
  uploads:
    type: dict
    description: >-
      Set by the action plugin. For each file of the folder on the controller its size, its sha256 where one is listed,
      and the path it was uploaded to, if it was.
  discard: {type: bool, default: false, description: Does nothing but remove what was uploaded.}
  data_dir: {type: str, default: /var/lib/rancher/rke2, description: Images of the folder go below it.}
"""
