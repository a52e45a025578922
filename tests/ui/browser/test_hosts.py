"""Whom the server lets in: pages of its own, under names that mean this machine."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from tests.ui.browser.conftest import Server


def got(server: Server, path: str, method: str = "GET", **headers: str) -> int:
    """Status of the answer to a plain request."""
    port = urlsplit(server.url).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    sent = {name: value.format(port=port) for name, value in headers.items()}
    try:
        connection.request(method, path, headers=sent)
        return connection.getresponse().status
    finally:
        connection.close()


def upgraded(server: Server, host: str, origin: str) -> int:
    """Status of the answer to a request for the connection over which all data goes."""
    port = urlsplit(server.url).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {
        "Host": host.format(port=port),
        "Origin": origin.format(port=port),
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    try:
        connection.request("GET", "/_stcore/stream", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}"])
def test_own_pages_are_let_in(server: Server, host: str) -> None:
    assert upgraded(server, host, f"http://{host}") == 101


def test_other_sites_are_kept_out(server: Server) -> None:
    assert upgraded(server, "127.0.0.1:{port}", "http://elsewhere.test") == 403


def test_a_name_that_points_here_is_kept_out(server: Server) -> None:
    assert upgraded(server, "elsewhere.test:{port}", "http://elsewhere.test:{port}") == 403


PATHS = ("/", "/review", "/_stcore/health", "/_stcore/host-config", "/static/index.html", "/media/none.txt")


@pytest.mark.parametrize("path", PATHS)
def test_plain_requests_under_a_foreign_name_are_refused(server: Server, path: str) -> None:
    assert got(server, path, Host="elsewhere.test:{port}") == 403
    assert got(server, path, Host="127.0.0.1:{port}") != 403


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/review"), ("OPTIONS", "/")])
def test_another_port_is_another_page(server: Server, method: str, path: str) -> None:
    host = "127.0.0.1:{port}"
    assert got(server, path, method, Host=host, Origin="http://127.0.0.1:9") == 403
    assert got(server, path, method, Host=host, Origin="http://127.0.0.1:{port}") != 403


def test_a_page_of_another_port_does_not_get_the_socket(server: Server) -> None:
    assert upgraded(server, "127.0.0.1:{port}", "http://127.0.0.1:9") == 403
    assert upgraded(server, "localhost:{port}", "http://localhost:9") == 403
