"""Puts RKE2's programs into the reach of root's shell; documented in library/rke2_tools.py."""

import os
import sys

# Ansible finds modules and plugins, and nothing beside them.
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from host_task import HostTask

LINK = {"path": {"type": "str", "required": True}, "link": {"type": "str", "required": True}}
FILE = {"path": {"type": "str", "required": True}, "content": {"type": "str", "required": True}}


class ActionModule(HostTask):
    module = "slipway.rke2.tasks.tools"
    argument_spec = {
        "data_dir": {"type": "str", "default": "/var/lib/rancher/rke2"},
        "links": {"type": "list", "elements": "dict", "default": [], "options": LINK},
        "files": {"type": "list", "elements": "dict", "default": [], "options": FILE},
    }
