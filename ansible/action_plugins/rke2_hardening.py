"""Prepares a machine for a profile of RKE2; documented in library/rke2_hardening.py."""

import os
import sys

# Ansible finds modules and plugins, and nothing beside them.
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from host_task import HostTask


class ActionModule(HostTask):
    module = "slipway.rke2.tasks.hardening"
    argument_spec = {
        "account": {"type": "bool", "default": False},
        "parameters": {"type": "str", "default": ""},
        "drop": {"type": "bool", "default": False},
    }
