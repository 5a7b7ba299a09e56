"""Name servers: what they answer over the wire, and the ways in which they do not."""

import dns.rcode
import pytest

from byoaws.errors import NetworkError, UsageError
from byoaws.net.resolver import DnspythonResolver, parse_server


@pytest.fixture
def resolver(name_server) -> DnspythonResolver:  # type: ignore[no-untyped-def]
    return DnspythonResolver(("127.0.0.1", name_server.port), lifetime=2)


def test_every_record_of_a_name(name_server, resolver: DnspythonResolver) -> None:  # type: ignore[no-untyped-def]
    name_server.records["example.com", "TXT"] = ['"v=spf1 " "include:amazonses.com ~all"', '"other"', '"caf\\195\\169"']
    assert sorted(resolver.txt("example.com")) == ["café", "other", "v=spf1 include:amazonses.com ~all"]
    assert name_server.asked == [("example.com", "TXT")]


def test_bytes_that_are_no_text_do_no_harm(name_server, resolver: DnspythonResolver) -> None:  # type: ignore[no-untyped-def]
    name_server.records["example.com", "TXT"] = ['"\\255\\000x"']
    assert resolver.txt("example.com") == ["\\xff\x00x"]


def test_an_alias_is_followed(name_server, resolver: DnspythonResolver) -> None:  # type: ignore[no-untyped-def]
    name_server.records["_dmarc.example.com", "CNAME"] = ["policies.example.net"]
    name_server.records["policies.example.net", "TXT"] = ['"v=DMARC1; p=none"']
    assert resolver.txt("_dmarc.example.com") == ["v=DMARC1; p=none"]


def test_an_answer_too_large_for_udp_is_asked_for_again(name_server, resolver: DnspythonResolver) -> None:  # type: ignore[no-untyped-def]
    name_server.records["example.com", "TXT"] = ['"here"']
    name_server.truncated.add("example.com")
    assert resolver.txt("example.com") == ["here"]
    assert len(name_server.asked) == 2


def test_what_is_not_there_is_empty(name_server, resolver: DnspythonResolver) -> None:  # type: ignore[no-untyped-def]
    name_server.records["example.com", "MX"] = ["10 mail.example.com."]
    assert resolver.txt("example.com") == []
    assert resolver.txt("nowhere.example.com") == []


def test_addresses_of_both_kinds(name_server, resolver: DnspythonResolver) -> None:  # type: ignore[no-untyped-def]
    name_server.records["example.com", "A"] = ["192.0.2.1", "192.0.2.2"]
    name_server.records["example.com", "AAAA"] = ["2001:db8::1"]
    assert sorted(resolver.addresses("example.com")) == ["192.0.2.1", "192.0.2.2", "2001:db8::1"]


def test_a_name_is_never_completed_by_this_machines_search_list(name_server, resolver: DnspythonResolver) -> None:  # type: ignore[no-untyped-def]
    resolver._resolver.search = [dns.name.from_text("corp.example.")]
    assert resolver.txt("intranet") == []
    assert name_server.asked == [("intranet", "TXT")]


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED], ids=str)
def test_a_server_that_fails_is_no_empty_answer(
    name_server, resolver: DnspythonResolver, rcode: dns.rcode.Rcode
) -> None:  # type: ignore[no-untyped-def]
    name_server.rcodes["example.com"] = rcode
    with pytest.raises(NetworkError, match=r"no usable answer for TXT of 'example.com'") as failed:
        resolver.txt("example.com")
    assert failed.value.exit_code == 3


@pytest.mark.parametrize("how", ["silent", "garbage"])
def test_a_server_that_says_nothing_of_use(name_server, how: str) -> None:  # type: ignore[no-untyped-def]
    getattr(name_server, how).add("example.com")
    with pytest.raises(NetworkError):
        DnspythonResolver(("127.0.0.1", name_server.port), lifetime=0.3).txt("example.com")


def test_no_server_there() -> None:
    with pytest.raises(NetworkError) as failed:
        DnspythonResolver(("127.0.0.1", 1), lifetime=0.3).txt("example.com")
    assert "--dns-server" in failed.value.hint


def test_a_name_that_dns_does_not_allow(resolver: DnspythonResolver) -> None:
    with pytest.raises(NetworkError):
        resolver.txt("a" * 64 + ".example.com")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("[::1]:5353", ("::1", 5353)),
        ("::1", ("::1", 53)),
    ],
)
def test_a_name_server_is_an_address(text: str, wanted: tuple[str, int]) -> None:
    assert parse_server(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ns.example.com",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:x",
        "1.2.3:53",
        ":53",
        "127.0.0.1:٣",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a name server"):
        parse_server(text)
