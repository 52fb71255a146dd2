"""When the certificates of this host end. Without OpenSSL, whose loading takes a tenth of a whole look."""
import base64
import re

from slipway.reading import names, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Where RKE2 keeps what it renews itself; its authorities lie among them, and are another matter.
FOLDERS = ("/server/tls", "/server/tls/etcd", "/server/tls/kube-controller-manager", "/server/tls/kube-scheduler", "/agent")
SEQUENCE, UTC_TIME, VERSION = 0x30, 0x17, 0xA0


def element(der: bytes, at: int) -> "tuple[int, int, int]":
    """(tag, begin and end of the content) of the element that begins there."""
    tag, length, begin = der[at], der[at + 1], at + 2
    if length & 0x80:
        begin += length & 0x7F
        length = int.from_bytes(der[at + 2:begin], "big")
    if begin + length > len(der):
        raise ValueError("an element is cut off")
    return tag, begin, begin + length


def end_of(pem: bytes) -> "str | None":
    """When the first certificate of a file ends, as `2027-11-30T03:06:21Z`; None where there is none."""
    found = re.search(b"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", pem, re.S)
    try:
        der = base64.b64decode(found.group(1)) if found else b""
        outer, at, _ = element(der, 0)
        inner, at, _ = element(der, at)
        if (outer, inner) != (SEQUENCE, SEQUENCE):
            return None
        if der[at] == VERSION:
            at = element(der, at)[2]
        # Serial number, algorithm and issuer stand before its validity, and the day of its beginning in that.
        for _ in range(3):
            at = element(der, at)[2]
        at = element(der, element(der, at)[1])[2]
        tag, begin, end = element(der, at)
        told = der[begin:end].decode("ascii")
    except (ValueError, IndexError):
        return None
    if tag == UTC_TIME:
        told = ("19" if told >= "5" else "20") + told
    date = re.match(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$", told)
    return "%s-%s-%sT%s:%s:%sZ" % date.groups() if date else None


def certificate(data_dir: str) -> "dict[str, Any] | None":
    """The first to end of those that RKE2 has made for this host; None without any."""
    files = [data_dir + folder + "/" + name for folder in FOLDERS for name in names(data_dir + folder)
             if name.endswith(".crt") and not re.search(r"-ca(\.nochain)?\.crt$", name)]
    ends = [(end, file) for end, file in ((end_of(read(file, 1 << 16) or b""), file) for file in files) if end]
    if not ends:
        return None
    end, file = min(ends)
    return {"file": file, "expires": end}
