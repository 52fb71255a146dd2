#!/usr/bin/python
"""For ansible-doc: action_plugins/ runs python/slipway/rke2/tasks/tools.py in its place."""

DOCUMENTATION = """
module: rke2_tools
short_description: Puts RKE2's programs into the reach of root's shell
description: Links and files of ours that are not named are removed; those of others stay as they are.
options:
  data_dir: {type: str, default: /var/lib/rancher/rke2, description: RKE2's data folder.}
  links:
    type: list
    elements: dict
    default: []
    description: Links to RKE2's programs.
    suboptions:
      path: {type: str, required: true, description: Where it lies.}
      link: {type: str, required: true, description: Where it leads.}
  files:
    type: list
    elements: dict
    default: []
    description: Their environment and completion.
    suboptions:
      path: {type: str, required: true, description: Where it lies.}
      content: {type: str, required: true, description: All of it.}
"""
