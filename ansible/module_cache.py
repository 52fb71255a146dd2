"""Keeps the packed form of our own modules from play to play: packing each anew costs more than the rest of a small play.

A packed module depends on nothing but our module files and the version of ansible-core, which together name its folder.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile

from ansible import __version__ as ansible_version
from ansible import constants as C

here = os.path.dirname(os.path.abspath(__file__))
SOURCES = [os.path.join(here, "library"), os.path.join(here, "module_utils")]
# Name of Ansible's own folder for this, below its temporary folder of one run.
PACKED = "ansiballz_cache"


def _source_files():
    for folder in SOURCES:
        for name in sorted(os.listdir(folder)):
            if name.endswith(".py"):
                yield os.path.join(folder, name)


def _fingerprint():
    digest = hashlib.sha256(ansible_version.encode())
    for path in _source_files():
        with open(path, "rb") as file:
            content = file.read()
        digest.update(("%s %d\n" % (os.path.basename(path), len(content))).encode() + content)
    return digest.hexdigest()[:16]


def _is_ours(packed):
    """`ansible.modules.NAME-COMPRESSION`, with a module of ours."""
    name = packed.rsplit("-", 1)[0].rsplit(".", 1)[-1]
    return not packed.endswith("-part") and os.path.exists(os.path.join(SOURCES[0], name + ".py"))


def _copy(source, folder, name):
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    with os.fdopen(descriptor, "wb") as target, open(os.path.join(source, name), "rb") as file:
        shutil.copyfileobj(file, target)
    os.rename(temporary, os.path.join(folder, name))


@contextlib.contextmanager
def packed_modules(cache):
    """Lends Ansible what was packed before, and keeps what it packs now. A cache that cannot be used is not an error."""
    kept = os.path.join(cache, _fingerprint())
    used = os.path.join(C.DEFAULT_LOCAL_TMP, PACKED)
    try:
        os.makedirs(kept, mode=0o700, exist_ok=True)
        os.makedirs(used, mode=0o700, exist_ok=True)
        for name in filter(_is_ours, os.listdir(kept)):
            _copy(kept, used, name)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        for name in filter(_is_ours, os.listdir(used)):
            if not os.path.exists(os.path.join(kept, name)):
                with contextlib.suppress(OSError):
                    _copy(used, kept, name)
