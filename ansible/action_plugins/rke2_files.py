"""Writes a node's configuration files; documented in library/rke2_files.py."""

import os
import sys

# Ansible finds modules and plugins, and nothing beside them.
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from host_task import HostTask

FILE = {
    "path": {"type": "str", "required": True},
    "content": {"type": "str", "required": True, "no_log": True},
    "mode": {"type": "str", "default": "0600"},
    "mark": {"type": "str"},
    "unless": {"type": "str"},
    "restarts": {"type": "str"},
    "private": {"type": "str"},
}


class ActionModule(HostTask):
    module = "slipway.rke2.tasks.files"
    argument_spec = {
        "files": {"type": "list", "elements": "dict", "required": True, "options": FILE},
        "folders": {"type": "list", "elements": "str", "default": []},
    }
