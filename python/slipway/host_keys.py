"""The SSH host keys of a machine, by their fingerprints."""
import binascii

from slipway.digests import sha256
from slipway.reading import names, text


def host_keys(folder: str = "/etc/ssh") -> "list[str]":
    """SHA256:… of each public key, as ssh-keygen shows it: two machines with the same one were cloned."""
    found = set()
    for name in names(folder):
        if not (name.startswith("ssh_host_") and name.endswith(".pub")):
            continue
        fields = (text(folder + "/" + name, 1 << 14) or "").split()
        try:
            key = binascii.a2b_base64(fields[1]) if len(fields) > 1 else b""
        except binascii.Error:
            continue
        if key:
            digest = binascii.b2a_base64(sha256(key).digest(), newline=False).decode()
            found.add("SHA256:" + digest.rstrip("="))
    return sorted(found)
