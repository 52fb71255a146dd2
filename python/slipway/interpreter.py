"""Which Python of a host runs the tasks of playbooks."""
import os
import sys

OLDEST = 8  # 3.8: older ones don't run the modules that come with Ansible
NEWEST = 13


def module_python() -> "tuple[str, str]":
    """Path and version of the interpreter for Ansible's modules: this one, or the newest of the host's where this one is
    too old for them."""
    own = sys.executable, "%d.%d.%d" % tuple(sys.version_info[:3])
    if sys.version_info >= (3, OLDEST):
        return own
    minors = range(NEWEST, OLDEST - 1, -1)
    others = [("%s/python3.%d" % (folder, minor), "3.%d" % minor)
              for minor in minors for folder in ("/usr/bin", "/usr/local/bin")]
    return next((other for other in others if os.access(other[0], os.X_OK)), own)
