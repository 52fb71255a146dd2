"""The SSH host keys of a machine, by their fingerprints. Stands behind look.py, before observe.py."""
import binascii
import hashlib


def host_keys(folder="/etc/ssh"):
    """SHA256:… of each public key, as ssh-keygen shows it: two machines with the same one were cloned."""
    found = set()
    for name in names(folder):
        fields = (text(folder + "/" + name, 1 << 14) or "").split() if name.startswith("ssh_host_") and name.endswith(".pub") else []
        try:
            key = binascii.a2b_base64(fields[1]) if len(fields) > 1 else b""
        except binascii.Error:
            continue
        if key:
            digest = binascii.b2a_base64(hashlib.sha256(key).digest(), newline=False).decode()
            found.add("SHA256:" + digest.rstrip("="))
    return sorted(found)
