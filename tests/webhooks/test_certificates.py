"""The store of SNS's certificates: what is a certificate, and how often AWS is asked."""

import threading
from typing import Any

import pytest

from byoaws.errors import WebhookForged, WebhookUndecided
from byoaws.webhooks.certificates import Certificates, check_certificate_url

URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-{:032x}.pem"


@pytest.mark.parametrize("name", ["expired", "of tomorrow", "elliptic", "text", "empty"])
def test_what_is_no_certificate_to_trust(name: str, pems: dict[str, bytes]) -> None:
    with pytest.raises(WebhookForged, match="certificate"):
        Certificates(lambda url: pems[name]).key(URL.format(1))


def test_a_certificate_is_fetched_once_and_again_after_a_day(sns: Any, pems: dict[str, bytes]) -> None:
    time = [0.0]
    certificates = sns.certificates(clock=lambda: time[0])
    sns.served = {URL.format(1): pems["good"]}
    for seconds in (0, 1, 86_399):
        time[0] = seconds
        certificates.key(URL.format(1))
    assert len(sns.fetched) == 1
    time[0] = 86_401
    certificates.key(URL.format(1))
    assert len(sns.fetched) == 2


def test_a_failure_is_not_kept(sns: Any, pems: dict[str, bytes]) -> None:
    certificates = sns.certificates()
    with pytest.raises(WebhookUndecided):
        certificates.key(URL.format(1))
    sns.served[URL.format(1)] = pems["good"]
    certificates.key(URL.format(1))


def test_a_stranger_cannot_make_us_ask_aws_without_end(sns: Any, pems: dict[str, bytes]) -> None:
    time = [0.0]
    certificates = sns.certificates(clock=lambda: time[0])
    sns.served = {URL.format(0): pems["good"]}
    certificates.key(URL.format(0))
    for number in range(1, 200):
        with pytest.raises(WebhookUndecided):
            certificates.key(URL.format(number))
    assert len(sns.fetched) == 20
    certificates.key(URL.format(0))  # what is here is still used
    time[0] = 61
    with pytest.raises(WebhookUndecided):
        certificates.key(URL.format(300))
    assert len(sns.fetched) == 21


def test_a_flood_of_forgeries_does_not_make_a_certificate_useless(sns: Any, pems: dict[str, bytes]) -> None:
    time = [0.0]
    certificates = sns.certificates(clock=lambda: time[0])
    sns.served = {URL.format(0): pems["good"]}
    certificates.key(URL.format(0))
    time[0] = 86_401
    for number in range(1, 30):
        with pytest.raises(WebhookUndecided):
            certificates.key(URL.format(number))
    asked = len(sns.fetched)
    certificates.key(URL.format(0))  # due to be fetched anew, and there is no fetch left
    assert len(sns.fetched) == asked


def test_each_account_has_so_many_fetches_of_its_own(sns: Any, pems: dict[str, bytes]) -> None:
    certificates = sns.certificates(clock=lambda: 0.0)
    for number in range(30):
        with pytest.raises(WebhookUndecided):
            certificates.key(URL.format(number), asker="111122223333")
    sns.served = {URL.format(100): pems["good"]}
    with pytest.raises(WebhookUndecided, match="more than 20"):
        certificates.key(URL.format(100), asker="111122223333")
    certificates.key(URL.format(100), asker="444455556666")


def test_what_is_known_of_askers_stays_small(sns: Any) -> None:
    time = [0.0]
    certificates = sns.certificates(clock=lambda: time[0])
    for number in range(3_000):
        time[0] += 1
        with pytest.raises(WebhookUndecided):
            certificates.key(URL.format(number), asker=str(number))
    assert len(certificates._fetches) <= 1_001


def test_messages_that_come_at_once_share_one_fetch(pems: dict[str, bytes]) -> None:
    everybody_waits, go_on = threading.Event(), threading.Event()
    fetched: list[str] = []

    def fetch(url: str) -> bytes:
        fetched.append(url)
        everybody_waits.set()
        assert go_on.wait(10)
        return pems["good"]

    certificates = Certificates(fetch)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(certificates.key(URL.format(1)))) for _ in range(30)]
    threads[0].start()
    assert everybody_waits.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert (len(found), len(fetched)) == (30, 1)


def test_the_store_stays_small(pems: dict[str, bytes]) -> None:
    time = [0.0]
    certificates = Certificates(lambda url: pems["good"], clock=lambda: time[0])
    for number in range(200):
        time[0] += 10
        certificates.key(URL.format(number))
    assert len(certificates._kept) == 64


def test_threads_get_one_answer(sns: Any, pems: dict[str, bytes]) -> None:
    sns.served = {URL.format(1): pems["good"]}
    certificates = sns.certificates()
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(certificates.key(URL.format(1)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({key.public_numbers() for key in found}) == 1
    assert len(found) == 8


def test_the_url_is_that_of_the_region() -> None:
    assert check_certificate_url(URL.format(1), "eu-west-1") == URL.format(1)
    with pytest.raises(WebhookForged):
        check_certificate_url(URL.format(1), "eu-west-2")
