"""Small ways to look at a host. Sent before the scripts that use them. Python 3.6, standard library, -I -S."""
import binascii
import os
import select
import sys

OLDEST_MODULE_PYTHON = 8  # 3.8: older ones don't run Ansible's modules
NEWEST_MODULE_PYTHON = 13


def is_abandoned():
    """Whether nobody reads our output any more: the connection is gone, and what is waited for matters to nobody."""
    watch = select.poll()
    watch.register(1, 0)
    return bool(watch.poll(0))


def read(path, limit=1 << 20):
    try:
        # A pipe in the place of a file must not hold the whole look up.
        with open(path, "rb", opener=lambda at, flags: os.open(at, flags | os.O_NONBLOCK)) as file:
            return file.read(limit)
    except OSError:
        return None


def text(path, limit=1 << 20):
    content = read(path, limit)
    return None if content is None else content.decode("utf-8", "replace").strip("\0\n ")


def authority(data_dir):
    """The cluster's CA in a data folder, base64; what a token says of it is made of it elsewhere (caHash.ts)."""
    for path in ("/server/tls/server-ca.crt", "/agent/server-ca.crt"):
        content = read(data_dir + path, 1 << 16)
        if content is not None:
            return binascii.b2a_base64(content, newline=False).decode()
    return None


def names(path):
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


def module_python():
    """Path and version of the interpreter for Ansible's modules: this one, or the newest of the host's where this one is
    too old for them."""
    own = sys.executable, "%d.%d.%d" % tuple(sys.version_info[:3])
    if sys.version_info >= (3, OLDEST_MODULE_PYTHON):
        return own
    minors = range(NEWEST_MODULE_PYTHON, OLDEST_MODULE_PYTHON - 1, -1)
    others = [("%s/python3.%d" % (folder, minor), "3.%d" % minor)
              for minor in minors for folder in ("/usr/bin", "/usr/local/bin")]
    return next((other for other in others if os.access(other[0], os.X_OK)), own)


class Spawned:
    """A command whose output is collected while this script looks elsewhere. Without subprocess: its import alone costs
    more than everything else here."""

    def __init__(self, *command):
        self.reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.dup2(os.open(os.devnull, os.O_RDWR), 0)
                os.dup2(writing, 1)
                os.dup2(os.open(os.devnull, os.O_RDWR), 2)
                os.execvpe(command[0], command, dict(os.environ, LC_ALL="C"))
            finally:
                os._exit(127)
        os.close(writing)

    def output(self):
        pieces = []
        while True:
            piece = os.read(self.reading, 65536)
            if not piece:
                break
            pieces.append(piece)
        os.close(self.reading)
        # 0 when it went well; systemd's tools say no more than that.
        self.status = os.waitpid(self.pid, 0)[1]
        return b"".join(pieces).decode("utf-8", "replace")


def key_values(content):
    found = {}
    for line in (content or "").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[key.strip()] = value.strip().strip("\"'")
    return found


def number(value):
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
