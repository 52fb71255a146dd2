#!/usr/bin/python
"""For ansible-doc: action_plugins/ runs python/slipway/rke2/tasks/leadership.py in its place."""

DOCUMENTATION = """
module: rke2_leadership
short_description: Lets another member of etcd lead than the one of this host
description: Does nothing where it does not lead, and says so where etcd refuses; the next election sees to it then.
options:
  data_dir: {type: str, default: /var/lib/rancher/rke2, description: RKE2's data folder.}
"""
