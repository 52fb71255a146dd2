import hashlib
import hmac
import unittest

from slipway.digests import hmac_sha256, sha256


class Digests(unittest.TestCase):
    def test_are_those_of_openssl(self) -> None:
        """digests are those of the library, whatever the length of the key"""
        for length in (0, 1, 32, 63, 64, 65, 200):
            key, content = bytes(range(length)), b"content" * length
            self.assertEqual(sha256(content).hexdigest(), hashlib.sha256(content).hexdigest())
            self.assertEqual(hmac_sha256(key, content), hmac.new(key, content, hashlib.sha256).hexdigest())
