"""A look at a website: by a real TLS server on loopback, and never where it must not go."""

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import NetworkError
from byoaws.net.interface import Visit
from byoaws.net.website import MOST_BYTES, MOST_REDIRECTS, HttpsWebsites, Limits, url_mistake

HOST = "www.example.com"
Site = Any


@dataclass
class Names:
    """A resolver with a table; a list of lists answers anew each time."""

    table: dict[str, Sequence[str]]
    asked: list[str] = field(default_factory=list)

    def txt(self, name: str) -> Sequence[str]:
        raise AssertionError("not asked for here")

    def addresses(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        return self.table.get(name, [])


def loopback(address: str) -> bool:
    return address == "127.0.0.1"


@pytest.fixture
def site(serve: Callable[[Path], Site], named_certificate: Callable[[str], tuple[Path, ssl.SSLContext]]) -> Site:
    pem, context = named_certificate(HOST)
    site = serve(pem)
    site.context = context
    return site


def websites(site: Site, *, seconds: float = 5, **table: Sequence[str]) -> HttpsWebsites:
    names = Names({HOST: ["127.0.0.1"], **table})
    return HttpsWebsites(
        names, context=site.context, limits=Limits(permitted=loopback, port=site.port, seconds=seconds)
    )


def test_a_website_that_answers(site: Site) -> None:
    site.page("/hello?a=b")
    assert websites(site).visit(f"https://{HOST}/hello?a=b") == Visit(url=f"https://{HOST}/hello?a=b", status=200)
    assert site.asked == ["GET /hello?a=b HTTP/1.1"]
    assert site.hosts == [HOST]


@pytest.mark.parametrize("status", [204, 401, 403, 404, 429, 500, 503])
def test_the_status_is_told(site: Site, status: int) -> None:
    site.page("/", status)
    assert websites(site).visit(f"https://{HOST}").status == status


def test_a_redirect_is_followed(site: Site) -> None:
    site.page("/", 301, Location="/de/")
    site.page("/de/", 302, location=f"https://{HOST}/de/start")
    site.page("/de/start")
    assert websites(site).visit(f"https://{HOST}/") == Visit(url=f"https://{HOST}/de/start", status=200)


def test_redirects_end(site: Site) -> None:
    site.page("/", 302, Location="/")
    visit = websites(site).visit(f"https://{HOST}/")
    assert (visit.status, visit.refused) == (None, f"comes after more than {MOST_REDIRECTS} redirects")
    assert len(site.asked) == MOST_REDIRECTS + 1


def test_a_redirect_without_a_target_is_the_answer(site: Site) -> None:
    site.page("/", 302)
    assert websites(site).visit(f"https://{HOST}/").status == 302


# Where it must not go ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://localhost/",
        "https://intranet/",
        "//169.254.169.254/",
        "http://www.example.com/",
        "ftp://www.example.com/",
        "file:///etc/passwd",
        "https://user:hunter2@www.example.com/",
        "https://www.example.com:22/",
        "gopher://www.example.com/_x",
    ],
)
def test_a_redirect_leads_nowhere_but_to_public_https(site: Site, target: str) -> None:
    site.page("/", 302, Location=target)
    visit = websites(site).visit(f"https://{HOST}/")
    assert visit.status is None
    assert visit.refused
    assert site.connections == 1


@pytest.mark.parametrize(
    "addresses",
    [["169.254.169.254"], ["10.0.0.1"], ["127.0.0.1"], ["::1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]],
    ids=str,
)
def test_a_name_with_a_private_address_is_not_asked(site: Site, addresses: list[str]) -> None:
    """As it is shipped: with the judge of addresses that the command uses."""
    visits = HttpsWebsites(Names({HOST: addresses}), context=site.context, limits=Limits(port=site.port))
    assert visits.visit(f"https://{HOST}/") == Visit(
        url=f"https://{HOST}/", status=None, refused="is at an address that is not public"
    )
    assert site.connections == 0


def test_a_redirect_to_a_name_with_a_private_address(site: Site) -> None:
    site.page("/", 302, Location="https://metadata.example.net/")
    visit = websites(site, **{"metadata.example.net": ["169.254.169.254"]}).visit(f"https://{HOST}/")
    assert (visit.url, visit.refused) == ("https://metadata.example.net/", "is at an address that is not public")
    assert site.connections == 1


def test_a_name_server_cannot_answer_otherwise_the_second_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: what is connected to is an address that was judged, and names are not looked up again."""
    site.page("/")

    def looked_up(*_: object) -> None:
        raise AssertionError("the system's resolver was asked for a name")

    judged: list[str] = []
    names = Names({HOST: ["127.0.0.1"]})
    monkeypatch.setattr("socket.gethostbyname", looked_up)
    visits = HttpsWebsites(
        names,
        context=site.context,
        limits=Limits(permitted=lambda address: judged.append(address) or loopback(address), port=site.port),
    )
    assert visits.visit(f"https://{HOST}/").status == 200
    assert (names.asked, judged) == ([HOST], ["127.0.0.1"])


def test_a_name_that_does_not_exist(site: Site) -> None:
    visit = websites(site).visit("https://gone.example.com/")
    assert (visit.status, visit.refused) == (None, "has a name that does not exist in DNS")


def test_a_header_cannot_be_smuggled_into_the_request(site: Site) -> None:
    visit = websites(site).visit(f"https://{HOST}/\r\nX-Evil: 1")
    assert visit.status is None
    assert site.connections == 0


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://www.example.com", "does not begin with https://"),
        ("www.example.com", "does not begin with https://"),
        ("https://", "no host name"),
        ("https://intranet", "no host name"),
        ("https://-a.example.com", "no host name"),
        ("https://127.0.0.1", "no host name"),
        ("https://1.2.3.4.5", "no host name"),
        ("https://a@www.example.com", "user name"),
        ("https://www.example.com:8443", "names port 8443"),
        ("https://www.example.com:x", "is not a URL"),
        ("https://[::1", "is not a URL"),
        ("https://www.example.com/ü", "percent-encoded"),
        ("https://www.example.com/a b", "percent-encoded"),
        ("https://www.example.com/" + "a" * 1000, "1000 printable"),
    ],
)
def test_a_url_that_is_none_of_a_website(url: str, wanted: str) -> None:
    assert wanted in url_mistake(url)


@pytest.mark.parametrize(
    "url", ["https://www.example.com", "HTTPS://Example.COM:443/?q", "https://xn--bcher-kva.example/"]
)
def test_a_url_of_a_website(url: str) -> None:
    assert url_mistake(url) == ""


# Bounds --------------------------------------------------------------------------------------------------------------


def test_a_server_that_never_ends_its_head_is_left(site: Site) -> None:
    site.pages["/"] = [b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * (4 * MOST_BYTES)]
    assert websites(site).visit(f"https://{HOST}/").status == 200


def test_a_server_that_drips_is_left_when_time_is_up(site: Site) -> None:
    site.pages["/"] = [b"H"] * 200
    started = time.monotonic()
    with pytest.raises(NetworkError, match="time-out"):
        websites(site, seconds=0.3).visit(f"https://{HOST}/")
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 999 x\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        b"\x00" * 64,
    ],
)
def test_what_is_no_website_is_no_answer(site: Site, answer: bytes) -> None:
    site.pages["/"] = [answer]
    with pytest.raises(NetworkError, match="does not answer as a website does"):
        websites(site).visit(f"https://{HOST}/")


def test_nobody_there(site: Site) -> None:
    visits = HttpsWebsites(Names({HOST: ["127.0.0.1"]}), limits=Limits(permitted=loopback, port=1, seconds=1))
    with pytest.raises(NetworkError, match="ConnectionRefusedError"):
        visits.visit(f"https://{HOST}/")


def test_somebody_there_who_never_speaks_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        limits = Limits(permitted=loopback, port=listener.getsockname()[1], seconds=0.2)
        with pytest.raises(NetworkError, match="time-out"):
            HttpsWebsites(Names({HOST: ["127.0.0.1"]}), limits=limits).visit(f"https://{HOST}/")


def test_the_second_address_is_tried(site: Site) -> None:
    site.page("/")
    limits = Limits(permitted=lambda address: address.startswith("127."), port=site.port)
    visits = HttpsWebsites(Names({HOST: ["127.0.0.2", "127.0.0.1"]}), context=site.context, limits=limits)
    assert visits.visit(f"https://{HOST}/").status == 200


# Certificates --------------------------------------------------------------------------------------------------------


def test_a_certificate_that_nobody_trusts_is_told(site: Site) -> None:
    visits = HttpsWebsites(Names({HOST: ["127.0.0.1"]}), limits=Limits(permitted=loopback, port=site.port))
    visit = visits.visit(f"https://{HOST}/")
    assert visit.status is None
    assert visit.refused.startswith("shows a certificate that is not valid (")
    assert site.asked == []


def test_a_certificate_for_another_name_is_told(site: Site) -> None:
    visit = websites(site, **{"other.example.com": ["127.0.0.1"]}).visit("https://other.example.com/")
    assert "certificate that is not valid" in visit.refused
    assert site.asked == []
