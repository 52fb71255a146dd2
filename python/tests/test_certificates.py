from slipway.rke2.certificates import certificate, end_of
from tests.cases import Cases

# Of openssl, for ten years and for forty: from 2050 on a certificate writes its years with four digits.
TEN_YEARS = """-----BEGIN CERTIFICATE-----
MIIBbTCCAROgAwIBAgIUct5Qd7QGc6Hs2mB6eKjhCncx6k0wCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBeDAeFw0yNjExMzAwMzI4MzdaFw0zNjExMjcwMzI4MzdaMAwx
CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQVw8v0lL6ACNu4
kLzC1oghfjwpsiBa0XA7dqw8t5MUwdsLXwyFaua/g0jmtk3Ap4gEDwZwxyaySTvZ
R4U30IO1o1MwUTAdBgNVHQ4EFgQU39VmLgGUEJ96jXqr7xslYPMvgagwHwYDVR0j
BBgwFoAU39VmLgGUEJ96jXqr7xslYPMvgagwDwYDVR0TAQH/BAUwAwEB/zAKBggq
hkjOPQQDAgNIADBFAiBCKPlp9nx8sovZXw6/0ZF4fu9wxn3P04ztDV/vjq86ggIh
AN1VlyCV9a30RWDJKLfJfgB6iyyKy9Lvpqte5ZlE0bi9
-----END CERTIFICATE-----
"""
FORTY_YEARS = """-----BEGIN CERTIFICATE-----
MIIBbTCCARWgAwIBAgIUarCLCvDFW0lEPJ7iNvhKJ3v4ueAwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBeTAgFw0yNjExMzAwMzI4MzdaGA8yMDY2MTEyMDAzMjgzN1ow
DDEKMAgGA1UEAwwBeTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAWU+l8HRaSz
ragzuI7PK5bfvWITYLO+wvjRXro1jts+77MQHnr6gW8crjwZS6wKB04AuFtK/Dqa
1QHJqumsKzujUzBRMB0GA1UdDgQWBBSeO9e++V0b4MYWuA573u1wYp5+yjAfBgNV
HSMEGDAWgBSeO9e++V0b4MYWuA573u1wYp5+yjAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0YAMEMCHwpj+KWuwdaHXFOCGxGHU/ecGoxaw5HfYib4+HDr8Z8C
IFoKnoQf16+RzjuKUhNGRQU4IGNClD8ZFBezpTGXnCG9
-----END CERTIFICATE-----
"""


class Certificates(Cases):
    def test_end(self) -> None:
        """the end of a certificate is read, whichever way it is written; of a chain that of the first one"""
        self.assertEqual(end_of(TEN_YEARS.encode()), "2036-11-27T03:28:37Z")
        self.assertEqual(end_of(FORTY_YEARS.encode()), "2066-11-20T03:28:37Z")
        self.assertEqual(end_of((FORTY_YEARS + TEN_YEARS).encode()), "2066-11-20T03:28:37Z")

    def test_none(self) -> None:
        """what is no certificate has no end"""
        lines = TEN_YEARS.splitlines(keepends=True)
        cut = "".join(lines[:2] + lines[-1:])
        for content in ("", "x", cut, TEN_YEARS.replace("M", "A", 1), lines[0] + "!!!\n" + lines[-1]):
            self.assertIsNone(end_of(content.encode()))

    def test_first(self) -> None:
        """the first to end of a host is told; authorities, and what cannot be read, are passed over"""
        self.assertIsNone(certificate(self.folder))
        self.place("agent/client-kubelet.crt", FORTY_YEARS)
        self.place("agent/client-ca.crt", TEN_YEARS)
        self.place("server/tls/request-header-ca.crt", TEN_YEARS)
        self.place("agent/serving-kubelet.crt", "")
        expected = {"file": self.at("agent/client-kubelet.crt"), "expires": "2066-11-20T03:28:37Z"}
        self.assertEqual(certificate(self.folder), expected)
        self.place("server/tls/etcd/client.crt", TEN_YEARS)
        found = certificate(self.folder)
        assert found is not None
        self.assertEqual(found["file"], self.at("server/tls/etcd/client.crt"))
