"""Headers of every answer."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit import config
from streamlit.runtime.secrets import Secrets

from hybrid_ner.errors import InputError
from hybrid_ner.ui.security import Doors, page_address, refusal, server_flags, sign_in_configured


async def application(scope: Any, receive: Any, send: Any) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"Referrer-Policy", b"unsafe-url")]}
    )
    await send({"type": "http.response.body", "body": b"x"})


def answers(scope: dict[str, Any], app: Any = application) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope.setdefault("headers", [(b"host", b"127.0.0.1:8501")])
    asyncio.run(Doors(app, lambda: ("127.0.0.1",))(scope, None, send))  # type: ignore[arg-type]
    return sent


def test_every_answer_carries_the_policy() -> None:
    found = answers({"type": "http"})[0]["headers"]
    policy = dict(found)[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http:" not in policy
    assert "https:" not in policy
    assert "'unsafe-eval'" not in policy
    assert "script-src 'self' blob: 'wasm-unsafe-eval' 'sha256-" in policy


def test_our_headers_replace_weaker_ones() -> None:
    found = [
        value for name, value in answers({"type": "http"})[0]["headers"] if name.lower() == b"referrer-policy"
    ]
    assert found == [b"no-referrer"]


@pytest.mark.parametrize(("forwarded", "secure"), [(b"https", True), (b"http", False)])
def test_cookies_of_a_page_behind_https_are_never_sent_without_it(forwarded: bytes, secure: bool) -> None:
    """The sign-in sets them without a word on that."""

    async def signs_in(scope: Any, receive: Any, send: Any) -> None:
        cookies = [(b"set-cookie", b"a=1; HttpOnly"), (b"Set-Cookie", b"b=1; Secure"), (b"x-other", b"c")]
        await send({"type": "http.response.start", "status": 200, "headers": cookies})

    headers = [(b"host", b"127.0.0.1:8501"), (b"x-forwarded-proto", forwarded)]
    found = answers({"type": "http", "headers": headers}, signs_in)[0]["headers"][:3]
    wanted = b"a=1; HttpOnly; Secure" if secure else b"a=1; HttpOnly"
    assert [value for _, value in found] == [wanted, b"b=1; Secure", b"c"]


@pytest.mark.parametrize(("path", "status"), [("/ner/auth/login", 303), ("/ner/media/x", 400)])
def test_a_sign_in_without_a_provider_leads_back_to_the_page(path: str, status: int) -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 400, "headers": []})

    found = answers({"type": "http", "path": path}, fails)[0]
    assert (found["status"], (b"location", b"../") in found["headers"]) == (status, status == 303)


def test_a_proxy_that_hides_the_name_is_told_where_the_server_was_started(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The browser says only that nothing answers."""
    headers = [(b"host", b"127.0.0.1:8501"), (b"origin", b"https://ner.ward.test")]
    found = answers({"type": "websocket", "headers": headers})
    assert found == [{"type": "websocket.close", "code": 1008}]
    assert "A proxy must pass the Host header on" in caplog.text


def test_other_protocols_pass_untouched() -> None:
    assert answers({"type": "lifespan"})[0]["headers"] == [(b"Referrer-Policy", b"unsafe-url")]


def test_server_listens_on_this_machine_and_reports_nothing() -> None:
    flags = server_flags(8501, "127.0.0.1")
    options = dict(zip(flags[::2], flags[1::2], strict=True))
    assert options["--server.address"] == "127.0.0.1"
    assert options["--browser.gatherUsageStats"] == "false"
    assert int(options["--server.maxUploadSize"]) <= 10


def test_nothing_that_was_typed_is_forgotten_between_two_runs() -> None:
    """Looking for garbage there took half a second: a click in that time dropped a sentence."""
    flags = server_flags(8501, "127.0.0.1")
    assert flags[flags.index("--runner.postScriptGC") + 1] == "false"


def allowed(flags: list[str]) -> list[str]:
    pairs = zip(flags[::2], flags[1::2], strict=True)
    return [value for name, value in pairs if name == "--server.allowedHosts"]


def test_page_of_this_machine_answers_to_known_names_only() -> None:
    assert allowed(server_flags(8501, "127.0.0.1")) == ["127.0.0.1", "localhost", "::1"]
    assert allowed(server_flags(8501, "127.0.0.1", ["ner.ward.test"]))[-1] == "ner.ward.test"
    assert allowed(server_flags(8501, "0.0.0.0")) == ["*"]
    assert allowed(server_flags(8501, "0.0.0.0", ["ner.ward.test:8443"]))[-1] == "ner.ward.test"
    assert "*" not in allowed(server_flags(8501, "0.0.0.0", ["ner.ward.test"]))


@pytest.mark.parametrize(
    "name", ["*", "", "--server.port", "a b", "http://ner.ward.test", "u@x.test", "x.test/p"]
)
def test_a_proxy_has_a_plain_name(name: str) -> None:
    with pytest.raises(InputError, match="no name of a machine"):
        server_flags(8501, "127.0.0.1", [name])


HERE = ("127.0.0.1", "localhost", "::1", "ner.ward.test")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8501", ""),
        ("LOCALHOST.:8501", ""),
        ("[::1]:8501", "http://[::1]:8501"),
        ("127.0.0.1:8501", "http://127.0.0.1:8501"),
        ("ner.ward.test", "https://ner.ward.test"),
        ("ner.ward.test:443", "https://ner.ward.test"),
        ("ner.ward.test", "http://ner.ward.test:80"),
    ],
)
def test_own_pages_are_answered(host: str, origin: str) -> None:
    assert refusal([host], [origin] if origin else [], HERE) == ""


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("elsewhere.test:8501", ""),
        ("", ""),
        ("127.0.0.1:99999", ""),
        ("x@127.0.0.1:8501", ""),
        ("127.0.0.1.elsewhere.test", ""),
        ("127.0.0.1:8501", "http://127.0.0.1:8502"),
        ("127.0.0.1:8501", "http://127.0.0.1"),
        ("127.0.0.1:8501", "http://localhost:8501"),
        ("127.0.0.1:8501", "http://elsewhere.test:8501"),
        ("127.0.0.1:8501", "null"),
        ("127.0.0.1:8501", "http://127.0.0.1:8501x"),
        ("ner.ward.test", "https://ner.ward.test:8443"),
    ],
)
def test_other_hosts_and_pages_are_refused(host: str, origin: str) -> None:
    assert refusal([host], [origin] if origin else [], HERE)


def test_any_host_but_no_other_page_where_no_name_is_known() -> None:
    assert refusal(["10.0.0.7:8501"], ["http://10.0.0.7:8501"], ("*",)) == ""
    assert refusal(["10.0.0.7:8501"], ["http://10.0.0.7:9000"], ("*",))
    assert refusal(["a:1", "b:1"], [], ("*",))


@pytest.mark.parametrize(
    ("kind", "answer"), [("http", "http.response.start"), ("websocket", "websocket.close")]
)
def test_a_foreign_name_gets_nothing_of_the_application(kind: str, answer: str) -> None:
    first, *rest = answers({"type": kind, "headers": [(b"host", b"elsewhere.test")]})
    assert first["type"] == answer
    assert first.get("status", 403) == 403
    assert all(b"not served under the name elsewhere.test" in each["body"] for each in rest)


def test_secrets_that_cannot_be_read_do_not_turn_sign_in_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "secrets.toml"
    monkeypatch.setattr(st, "secrets", Secrets())
    monkeypatch.setattr(config, "get_option", lambda name: [str(path)] if name == "secrets.files" else None)
    assert not sign_in_configured()
    path.write_text("[auth\nclient_id = 1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"secrets\.toml: .*line 1"):
        sign_in_configured()
    path.write_text("[auth]\nclient_id = 1\n", encoding="utf-8")
    assert sign_in_configured()


def test_address_of_the_page_is_one_that_browsers_take() -> None:
    assert page_address(0, "localhost") == "http://localhost:0"
    if socket.has_dualstack_ipv6():
        assert page_address(0, "::1") == "http://[::1]:0"


def test_page_is_served_under_a_path() -> None:
    def served(prefix: str) -> str:
        flags = server_flags(8501, "127.0.0.1", (), prefix)
        return dict(zip(flags[::2], flags[1::2], strict=True)).get("--server.baseUrlPath", "")

    assert [served(said) for said in ("", "/", "ner", "/ner/", "tools/ner")] == [
        *("", "", "ner", "ner"),
        "tools/ner",
    ]
    for said in ("n er", "ner?x", "https://ner", "a//b"):
        with pytest.raises(InputError, match="is no path of a page"):
            served(said)
