"""The CA by which a cluster is known."""
import binascii

from slipway.reading import read


def authority(data_dir: str) -> "str | None":
    """The cluster's CA in a data folder, base64; what a token says of it is made of it elsewhere (caHash.ts)."""
    for path in ("/server/tls/server-ca.crt", "/agent/server-ca.crt"):
        content = read(data_dir + path, 1 << 16)
        if content is not None:
            return binascii.b2a_base64(content, newline=False).decode()
    return None
