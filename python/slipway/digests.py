"""SHA-256 without OpenSSL, whose loading takes a tenth of a whole look at a host; with it where Python has no other."""
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import sha256 as sha256  # noqa: PLC0414 (others take it from here)
else:
    try:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256
        else:
            from _sha256 import sha256
    except ImportError:
        from hashlib import sha256

BLOCK = 64


def hmac_sha256(key: bytes, content: bytes) -> str:
    """HMAC (RFC 2104), hex."""
    key = (sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in key) + content).digest()
    return sha256(bytes(byte ^ 0x5C for byte in key) + inner).hexdigest()
