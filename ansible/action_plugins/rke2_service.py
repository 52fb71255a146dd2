"""Starts or stops an RKE2 service; documented in library/rke2_service.py."""

import os
import sys

# Ansible finds modules and plugins, and nothing beside them.
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from host_task import HostTask


class ActionModule(HostTask):
    module = "slipway.rke2.tasks.service"
    argument_spec = {
        "name": {"type": "str", "required": True, "choices": ["rke2-server", "rke2-agent"]},
        "state": {"type": "str", "default": "started", "choices": ["started", "stopped"]},
        "restart": {"type": "bool", "default": False},
        "rewritten": {"type": "bool", "default": False},
        "timeout": {"type": "int", "default": 0},
    }
