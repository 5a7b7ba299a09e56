"""Which URLs messages are posted to, and what is said of the others. Posting itself: tests/fleet/test_notify.py."""

import pytest

from byoaws.errors import UsageError
from byoaws.net.post import check_url


@pytest.mark.parametrize(
    "url",
    [
        "https://ann:hunter2@example.com/hook",
        "https://hunter2@example.com/hook",
        "https://:hunter2@example.com/hook",
        "http://ann:hunter2@localhost/hook",
        "http://ann:hunter2@example.com/hook",
        "https://ann:hunter2@@example.com/hook",
        "https://ann:hun ter2@example.com/hook",
        "//ann:hunter2@example.com/hook",
    ],
)
def test_a_password_is_named_as_what_is_wrong_and_never_repeated(url: str) -> None:
    with pytest.raises(UsageError, match=r"a user name or a password in the URL .* is refused") as caught:
        check_url(url)
    assert caught.value.hint == "give an https:// URL without them"
    for secret in ("hunter2", "ter2", "ann"):
        assert secret not in f"{caught.value} {caught.value.hint} {caught.value!r}"


@pytest.mark.parametrize(
    "url", ["https://ann:hunt#er2@example.com", "https://ann:hunter2/@example.com", "ann:hunter2@x"]
)
def test_a_password_that_cuts_its_url_short_is_not_repeated_either(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_url(url)
    for secret in ("hunt", "er2"):
        assert secret not in f"{caught.value!s} {caught.value.__cause__} {caught.value!r}".replace("password", "")


def test_an_at_sign_elsewhere_is_no_password() -> None:
    check_url("https://example.com/@hook?to=ops@example.com")
