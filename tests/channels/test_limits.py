"""How much one connection may send, and which sites may connect."""

from __future__ import annotations

import pytest

from mesoguide.channels.limits import Allowance, allowance, per_minute
from mesoguide.channels.origins import allowed_origins, may_connect
from mesoguide.paths import BadSetting


def test_a_burst_is_allowed_and_then_the_rate() -> None:
    some = Allowance(per_minute=60, burst=3)
    assert [some.take() for _ in range(4)] == [True, True, True, False]
    some.at -= 1.0  # a second later
    assert some.take()
    assert not some.take()


def test_what_is_left_never_exceeds_the_burst() -> None:
    some = Allowance(per_minute=60, burst=2)
    some.at -= 3600
    assert [some.take() for _ in range(3)] == [True, True, False]


def test_the_setting_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUIDE_MESSAGES_PER_MINUTE", "300")
    assert allowance(per_minute()).burst == 100


@pytest.mark.parametrize("written", ["0", "many", "", "nan", "-5"])
def test_a_bad_rate_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("MESOGUIDE_MESSAGES_PER_MINUTE", written)
    with pytest.raises(BadSetting, match="MESOGUIDE_MESSAGES_PER_MINUTE"):
        per_minute()


def test_origins_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUIDE_ORIGINS", "https://A.org, http://b.org:8080/")
    assert allowed_origins() == {"https://a.org", "http://b.org:8080"}
    monkeypatch.delenv("MESOGUIDE_ORIGINS")
    assert allowed_origins() == frozenset()


@pytest.mark.parametrize(
    "written", ["a.org", "https://a.org/page", "*", "ftp://a.org", "https://["]
)
def test_what_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("MESOGUIDE_ORIGINS", written)
    with pytest.raises(BadSetting, match="https://www.example.org"):
        allowed_origins()


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (None, True),  # no browser
        ("https://a.org", True),
        ("https://chat.org", True),  # the server's own page, behind a proxy
        ("http://10.0.0.1:5005", True),
        ("https://evil.org", False),
        ("null", False),
        ("http://[::1", False),  # what cannot be read
    ],
)
def test_only_own_pages_and_allowed_sites_connect(origin: str | None, expected: bool) -> None:
    check = may_connect(frozenset({"https://a.org"}))
    environ = {"HTTP_HOST": "10.0.0.1:5005", "HTTP_X_FORWARDED_HOST": "chat.org"}
    assert check(origin, environ) is expected
