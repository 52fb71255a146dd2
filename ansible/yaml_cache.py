"""Keeps what the large YAML files of Ansible itself say from play to play: parsing them anew is half of what a play costs
before it begins.

What is kept depends on nothing but the text and the version of Python, which name its file. A cache that cannot be used
is no error, and what is damaged in it is made anew.
"""

import contextlib
import hashlib
import marshal
import os
import sys
import tempfile

from ansible.module_utils.common import yaml

# Bytes; what is smaller is parsed before a file is opened.
WORTH_IT = 16 * 1024
_parse = yaml.yaml_load


def keep_in(folder):
    """From here on; before anything else of Ansible is imported."""

    def load(stream):
        text = stream.read() if hasattr(stream, "read") else stream
        data = text.encode() if isinstance(text, str) else bytes(text)
        return _parse(text) if len(data) < WORTH_IT else _kept(folder, data)

    yaml.yaml_load = load


def _kept(folder, data):
    name = os.path.join(folder, hashlib.sha256(sys.version.encode() + data).hexdigest()[:32])
    with contextlib.suppress(OSError, ValueError, EOFError, TypeError), open(name, "rb") as file:
        return marshal.loads(file.read())
    value = _parse(data)
    # What YAML knows and marshal does not (a date) is not kept.
    with contextlib.suppress(OSError, ValueError):
        _write(folder, name, marshal.dumps(value))
    return value


def _write(folder, name, content):
    os.makedirs(folder, mode=0o700, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.rename(temporary, name)
    except OSError:
        os.unlink(temporary)
        raise
