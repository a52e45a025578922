"""A sign-in provider for one test: OpenID Connect with a code, PKCE and a signed token, on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

__all__ = ["CLIENT", "Provider", "running_provider"]

CLIENT = "hybrid-ner"


def coded(content: bytes) -> str:
    """Base64 as tokens use it."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Provider(ThreadingHTTPServer):
    """Signs everybody in as ``claims`` says; refuses a code or a verifier that it has not handed out."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        self.refuses = False

    def discovery(self) -> dict[str, Any]:
        """What a client must know."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, Any]:
        """The public key."""
        numbers = self.key.public_key().public_numbers()
        parts = {"n": numbers.n, "e": numbers.e}
        written = {name: coded(n.to_bytes(-(-n.bit_length() // 8), "big")) for name, n in parts.items()}
        return {"keys": [{"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", **written}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Address that the browser goes back to, with a code or a refusal."""
        assert asked["client_id"] == CLIENT
        if self.refuses:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, sent: dict[str, str]) -> dict[str, Any] | None:
        """Tokens for a code, once; ``None`` when something does not fit."""
        asked = self.codes.pop(sent.get("code", ""), None)
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if asked is None or asked["code_challenge"] != coded(verifier):
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": asked["nonce"]}
        token = self.signed({**claims, **self.claims})
        return {"access_token": "x", "token_type": "Bearer", "expires_in": 600, "id_token": token}

    def signed(self, claims: dict[str, Any]) -> str:
        """A JSON Web Token."""
        head = {"alg": "RS256", "kid": "1", "typ": "JWT"}
        body = ".".join(coded(json.dumps(part).encode()) for part in (head, claims))
        return f"{body}.{coded(self.key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.server.authorize(_plain(parts.query)))
            self.end_headers()
        elif parts.path == "/keys":
            self.answer(self.server.keys())
        else:
            self.answer(self.server.discovery())

    def do_POST(self) -> None:
        sent = _plain(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.answer(self.server.token(sent) or {"error": "invalid_grant"})

    def answer(self, value: dict[str, Any]) -> None:
        content = json.dumps(value).encode()
        self.send_response(400 if "error" in value else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


def _plain(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider that answers until the test is done."""
    with Provider() as provider:
        thread = threading.Thread(target=provider.serve_forever)
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()
