"""The real ansible-inventory, once for each inventory below a folder: Ansible starts once, not a hundred times.

    judge.py FOLDER     reads FOLDER/*.in.*, writes what `ansible-inventory --list` prints to FOLDER/*.list
"""

import os
import sys

from ansible.cli.inventory import InventoryCLI
from ansible.utils import context_objects

folder = sys.argv[1]
for name in sorted(os.listdir(folder)):
    if ".in." not in name:
        continue
    output = os.path.join(folder, name.split(".in.")[0] + ".list")
    context_objects.GlobalCLIArgs._Singleton__instance = None
    try:
        InventoryCLI(["ansible-inventory", "-i", os.path.join(folder, name), "--list", "--output", output]).run()
    except SystemExit as end:
        assert end.code == 0, (name, end.code)
