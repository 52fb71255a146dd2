#!/usr/bin/python
"""For ansible-doc: action_plugins/ runs python/slipway/rke2/tasks/hardening.py in its place."""

DOCUMENTATION = """
module: rke2_hardening
short_description: Prepares a machine for a profile of RKE2
description: Makes what the profile asks of a machine before it lets RKE2 start.
options:
  account: {type: bool, default: false, description: Whether user and group etcd are needed.}
  parameters: {type: str, default: "", description: Content of the file with the kernel parameters; empty for none.}
  drop: {type: bool, default: false, description: Whether a file of ours with parameters that nobody asks for goes.}
"""
