#!/usr/bin/python
"""For ansible-doc: action_plugins/ runs python/slipway/rke2/tasks/host_settings.py in its place."""

DOCUMENTATION = """
module: rke2_host_settings
short_description: Sets services of a host right that stand in RKE2's way
description: How a unit was is written down before it is turned off; rke2_uninstall gives all of it back.
options:
  units_off: {type: list, elements: str, default: [], description: Units that neither run nor start at a boot.}
  network_manager: {type: str, default: "", description: Content of a drop-in for NetworkManager; empty for none.}
  fapolicyd: {type: str, default: "", description: Content of a file with rules for fapolicyd; empty for none.}
"""
