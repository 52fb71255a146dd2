"""Waits until a cluster answers at its VIP: the supervisor and the API server, under its CA, with the VIP in their
certificates.

Arguments: address, timeout (s). Replies with the CA that is served there (base64; null: none was) and an error for each
port, null where it answers. Whether the CA is the right one, whoever asks has to say.
"""
import base64
import http.client
import ssl
import time

from slipway.exchange import arguments, reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SUPERVISOR, API = 9345, 6443
# s for one answer, and between two tries.
PATIENCE, PAUSE = 3, 0.3


def ask(address: str, port: int, path: str, context: ssl.SSLContext) -> "tuple[int, bytes]":
    connection = http.client.HTTPSConnection(address, port, context=context, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read(1 << 17)
    finally:
        connection.close()


def authority(address: str) -> bytes:
    """Of whoever answers there, not yet proven."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    status, body = ask(address, SUPERVISOR, "/cacerts", context)
    if status != 200:
        raise OSError("HTTP %d for /cacerts" % status)
    return body


def error_of(address: str, port: int, path: str, context: ssl.SSLContext, fine: "tuple[int, ...]") -> "str | None":
    try:
        status, _ = ask(address, port, path, context)
    except (OSError, http.client.HTTPException) as error:
        return " ".join(str(error).split())[:300] or type(error).__name__
    return None if status in fine else "HTTP %d" % status


def look(address: str) -> "dict[str, Any]":
    try:
        served = authority(address)
    except (OSError, http.client.HTTPException) as error:
        said = " ".join(str(error).split())[:300] or type(error).__name__
        return {"ca": None, "supervisor": said, "api": "not asked"}
    try:
        context = ssl.create_default_context(cadata=served.decode())
    except (ValueError, ssl.SSLError):
        return {"ca": None, "supervisor": "what is served there is no CA", "api": "not asked"}
    return {"ca": base64.b64encode(served).decode(),
            "supervisor": error_of(address, SUPERVISOR, "/ping", context, (200,)),
            # Nobody is known without a certificate, and that answer comes from a server that serves.
            "api": error_of(address, API, "/readyz", context, (200, 401, 403))}


def main() -> None:
    wanted = arguments()
    deadline = time.monotonic() + wanted["timeout"]
    while True:
        found = look(wanted["address"])
        if (found["supervisor"] is None and found["api"] is None) or time.monotonic() > deadline:
            reply(found)
            return
        time.sleep(PAUSE)
