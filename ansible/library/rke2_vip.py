#!/usr/bin/python
"""For ansible-doc: action_plugins/ runs python/slipway/rke2/tasks/vip.py in its place."""

DOCUMENTATION = """
module: rke2_vip
short_description: Puts what holds a VIP on a server, or takes it away
description:
  - Lets keepalived, in an instance of its own, or kube-vip hold the virtual IP of the cluster's API on this server.
  - Where keepalived is missing the distribution's package is installed; it is removed again only where it was installed so.
options:
  state: {type: str, default: present, choices: [present, absent], description: Absent gives the VIP up.}
  data_dir: {type: str, required: true, description: RKE2's data folder.}
  files:
    type: list
    elements: dict
    default: []
    description: What is to lie there. With keepalived's configuration among them its service runs; else there is none.
    suboptions:
      path: {type: str, required: true, description: Where it lies.}
      content: {type: str, required: true, description: Its exact content.}
      mode: {type: str, required: true, description: Its mode.}
  restart: {type: bool, default: false, description: Whether keepalived is started anew though its files are right.}
"""
