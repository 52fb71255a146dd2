"""What runs on hosts. Sent as one archive by whoever has something to do there (bootstrap.py), never installed.

Standard library only, and the syntax of Python 3.6: a host that is too old for Ansible must still be able to say so.
Modules with a `main` are run by name. What costs an import (TLS, subprocess, tempfile) is loaded where it is needed.
"""
