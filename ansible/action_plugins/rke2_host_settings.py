"""Sets services of a host right that stand in RKE2's way; documented in library/rke2_host_settings.py."""

import os
import sys

# Ansible finds modules and plugins, and nothing beside them.
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from host_task import HostTask


class ActionModule(HostTask):
    module = "slipway.rke2.tasks.host_settings"
    argument_spec = {
        "units_off": {"type": "list", "elements": "str", "default": []},
        "network_manager": {"type": "str", "default": ""},
        "fapolicyd": {"type": "str", "default": ""},
    }
