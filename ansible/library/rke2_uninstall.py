#!/usr/bin/python
"""For ansible-doc: action_plugins/ runs python/slipway/rke2/tasks/uninstall.py in its place."""

DOCUMENTATION = """
module: rke2_uninstall
short_description: Removes RKE2 and its data from a host
description: RKE2's own script wipes all data of the node. It never touches etcd's membership, which must be gone before.
options:
  data_dir: {type: str, default: /var/lib/rancher/rke2, description: RKE2's data folder.}
  keep_snapshots:
    {type: str, default: '', description: Folder for etcd's snapshots and the server's token; empty for none.}
"""
