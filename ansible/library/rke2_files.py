#!/usr/bin/python
"""For ansible-doc: action_plugins/ runs python/slipway/rke2/tasks/files.py in its place."""

DOCUMENTATION = """
module: rke2_files
short_description: Writes a node's configuration files
description: Each in one step, so that a crash leaves the old one or the new one. Contents are secret and never come back.
options:
  files:
    description: Each file as it is to be.
    type: list
    elements: dict
    required: true
    suboptions:
      path: {type: str, required: true, description: Absolute path.}
      content: {type: str, required: true, description: Exact content. Empty text means that there is to be no file.}
      mode: {type: str, default: "0600", description: Permissions, in octal.}
      mark: {type: str, description: Only a file that begins with this line is removed.}
      unless: {type: str, description: Nothing is written while this path exists.}
      restarts: {type: str, description: Service that has to be restarted to read it. Before a change a mark says so.}
      private: {type: str, description: A folder above it; what has to be made from there on is for root alone.}
  folders:
    description: Folders that RKE2 writes into and does not make itself. One that is there stays as it is.
    type: list
    elements: str
    default: []
"""
