"""Lets another member of etcd lead than the one of this host; documented in library/rke2_leadership.py."""

import os
import sys

# Ansible finds modules and plugins, and nothing beside them.
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from host_task import HostTask


class ActionModule(HostTask):
    module = "slipway.rke2.tasks.leadership"
    argument_spec = {"data_dir": {"type": "str", "default": "/var/lib/rancher/rke2"}}
