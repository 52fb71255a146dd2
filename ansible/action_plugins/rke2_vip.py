"""Puts what holds a VIP on a server, or takes it away; documented in library/rke2_vip.py."""

import os
import sys

# Ansible finds modules and plugins, and nothing beside them.
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from host_task import HostTask

FILE = {
    "path": {"type": "str", "required": True},
    "content": {"type": "str", "required": True, "no_log": True},
    "mode": {"type": "str", "required": True},
}


class ActionModule(HostTask):
    module = "slipway.rke2.tasks.vip"
    argument_spec = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "data_dir": {"type": "str", "required": True},
        "files": {"type": "list", "elements": "dict", "default": [], "options": FILE},
        "restart": {"type": "bool", "default": False},
    }
