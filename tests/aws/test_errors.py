import inspect
import pickle
from collections.abc import Callable

import botocore.exceptions
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from byoaws.aws.errors import as_credentials_error, mapped, translated
from byoaws.errors import (
    AccessDenied,
    AwsError,
    BadCredentials,
    InvalidRequest,
    NotFound,
    RegionDisabled,
    Throttled,
    Unreachable,
)

Look = Callable[[BaseException], list[str]]


def answered(code: str, message: str = "no", status: int | None = 400) -> ClientError:
    metadata = {} if status is None else {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "AssumeRole")  # type: ignore[arg-type]


def raised(error: BaseException, **known: object) -> AwsError:
    def call() -> None:
        raise error

    with pytest.raises(AwsError) as caught:
        mapped("sts:AssumeRole", call, **known)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, AccessDenied),
        ("AccessDeniedException", 400, AccessDenied),
        ("UnauthorizedOperation", 403, AccessDenied),
        ("ExpiredToken", 403, BadCredentials),
        ("ExpiredTokenException", 400, BadCredentials),
        ("InvalidClientTokenId", 403, BadCredentials),
        ("SignatureDoesNotMatch", 403, BadCredentials),
        ("UnrecognizedClientException", 403, BadCredentials),
        ("InvalidAccessKeyId", 403, BadCredentials),
        ("AuthFailure", 401, BadCredentials),
        ("RequestTimeTooSkewed", 403, BadCredentials),
        ("Throttling", 400, Throttled),
        ("TooManyRequestsException", 429, Throttled),
        ("SlowDown", 503, Throttled),
        ("Whatever", 429, Throttled),
        ("RegionDisabledException", 403, RegionDisabled),
        ("NoSuchEntity", 404, NotFound),
        ("NoSuchBucket", 404, NotFound),
        ("NoSuchKey", 404, NotFound),
        ("404", 404, NotFound),
        ("Whatever", 404, NotFound),
        ("ValidationError", 400, InvalidRequest),
        ("MalformedPolicyDocument", 400, InvalidRequest),
        ("PackedPolicyTooLarge", 400, InvalidRequest),
        ("InternalFailure", 500, Unreachable),
        ("ServiceUnavailable", 503, Unreachable),
        ("Whatever", 502, Unreachable),
        ("RequestTimeout", 400, Unreachable),
        ("Whatever", 400, AwsError),
        ("", None, AwsError),
    ],
)
def test_an_answer_becomes_its_kind(code: str, status: int | None, kind: type[AwsError]) -> None:
    assert type(raised(answered(code, status=status))) is kind


@pytest.mark.parametrize(
    ("code", "status"),
    [
        pytest.param("403", 403, id="a-proxy's-bare-403"),
        pytest.param("Forbidden", 403, id="a-gateway's-word"),
        pytest.param("accessdenied", 403, id="another-spelling"),
        pytest.param("AccessDenied", 500, id="said-while-failing"),
        pytest.param("SignatureDoesNotMatch", 403, id="our-own-fault"),
    ],
)
def test_attack_only_aws_itself_can_say_that_access_was_denied(code: str, status: int) -> None:
    """The negative probes take AccessDenied for safety, so nothing else may look like it."""
    assert not isinstance(raised(answered(code, status=status)), AccessDenied)


def test_aws_keeps_its_own_words() -> None:
    error = raised(answered("AccessDenied", "User: arn:x is not authorized"))
    assert (error.operation, error.code) == ("sts:AssumeRole", "AccessDenied")
    assert error.aws_message == "User: arn:x is not authorized"
    assert str(error) == "sts:AssumeRole: aws refused the call (AccessDenied: User: arn:x is not authorized)"


def test_an_answer_without_words_still_makes_a_sentence() -> None:
    error = raised(ClientError({}, "AssumeRole"))
    assert str(error) == "sts:AssumeRole: the call failed (no reason given)"


@pytest.mark.parametrize(
    "error",
    [
        answered("RequestExpired"),
        answered("RequestTimeTooSkewed"),
        answered("SignatureDoesNotMatch", "Signature expired: 20261121T000000Z is now earlier than 20261121T001500Z"),
        answered("InvalidSignatureException", "Signature not yet current: 2026"),
    ],
    ids=["expired", "skewed", "signature-expired", "signature-early"],
)
def test_a_wrong_clock_is_named(error: ClientError) -> None:
    assert "clock" in raised(error).hint


def test_a_merely_wrong_signature_does_not_blame_the_clock() -> None:
    assert "clock" not in raised(answered("SignatureDoesNotMatch", "The request signature does not match")).hint


def make(name: str) -> Exception:
    """Any of botocore's exceptions, with every field of its message filled in."""
    cls = getattr(botocore.exceptions, name)
    if issubclass(cls, ClientError):
        return cls({"Error": {"Code": "C", "Message": "M"}}, "Op")  # type: ignore[no-any-return]
    if name == "WaiterError":
        return cls("w", "r", {})  # type: ignore[no-any-return]
    if name == "UndefinedModelAttributeError":
        return cls("m")  # type: ignore[no-any-return]
    import string

    fields = {field for _, field, _, _ in string.Formatter().parse(cls.fmt) if field}
    return cls(**dict.fromkeys(fields, "thing"))  # type: ignore[no-any-return]


NAMES = [
    name
    for name, cls in inspect.getmembers(botocore.exceptions, inspect.isclass)
    if issubclass(cls, Exception) and not issubclass(cls, Warning) and cls.__module__ == botocore.exceptions.__name__
]


@pytest.mark.parametrize("name", NAMES)
def test_every_exception_of_botocore_comes_out_as_an_aws_error(name: str) -> None:
    error = raised(make(name), profile="acme")
    assert error.operation == "sts:AssumeRole"
    assert error.message.startswith("sts:AssumeRole: ")
    assert "{" not in error.message + error.hint
    assert error.__cause__ is error.__context__ is None
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


@pytest.mark.parametrize(
    ("name", "kind", "hint"),
    [
        ("ProfileNotFound", BadCredentials, "there is no profile 'thing'"),
        ("ConfigParseError", BadCredentials, "profile 'acme'"),
        ("NoCredentialsError", BadCredentials, "AWS_PROFILE"),
        ("PartialCredentialsError", BadCredentials, "--profile acme"),
        ("CredentialRetrievalError", BadCredentials, "profile 'acme'"),
        ("UnauthorizedSSOTokenError", BadCredentials, "aws sso login --profile acme"),
        ("SSOTokenLoadError", BadCredentials, "aws sso login --profile acme"),
        ("LoginRefreshRequired", BadCredentials, "aws login --profile acme"),
        ("InfiniteLoopConfigError", BadCredentials, "profile 'acme'"),
        ("NoRegionError", InvalidRequest, ""),
        ("InvalidRegionError", InvalidRequest, ""),
        ("UnknownEndpointError", InvalidRequest, ""),
        ("ParamValidationError", InvalidRequest, ""),
        ("EndpointConnectionError", Unreachable, "AWS_ENDPOINT_URL"),
        ("ConnectTimeoutError", Unreachable, "network"),
        ("ReadTimeoutError", Unreachable, "network"),
        ("SSLError", Unreachable, "network"),
        ("ProxyConnectionError", Unreachable, "proxy"),
        ("IncompleteReadError", Unreachable, "network"),
        ("CapacityNotAvailableError", Throttled, "wait"),
        ("WaiterError", AwsError, ""),
    ],
)
def test_an_exception_becomes_its_kind_and_says_what_to_do(name: str, kind: type[AwsError], hint: str) -> None:
    error = raised(make(name), profile="acme")
    assert type(error) is kind
    assert hint in error.hint
    assert (error.code, error.aws_message) == ("", "")


def test_without_a_profile_the_hint_says_so() -> None:
    error = raised(make("PartialCredentialsError"))
    assert "the default profile" in error.hint
    assert "--profile" not in error.hint


def test_a_class_that_botocore_adds_later_is_its_parent_s_kind() -> None:
    class NewSsoError(botocore.exceptions.SSOError):
        fmt = "new"

    class NewError(botocore.exceptions.BotoCoreError):
        fmt = "new"

    assert type(raised(NewSsoError())) is BadCredentials
    assert type(raised(NewError())) is AwsError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ResponseParserError("odd"), Unreachable),
        (ConnectionResetError("odd"), Unreachable),
        (KeyError("odd"), Unreachable),
        (AttributeError("odd"), Unreachable),
        (TypeError("odd"), Unreachable),
        (RecursionError("odd"), Unreachable),
        (ValueError("odd"), Unreachable),
        (ValueError("Invalid endpoint: odd"), InvalidRequest),
    ],
    ids=lambda part: f"{type(part).__name__}-{part}" if isinstance(part, Exception) else part.__name__,
)
def test_what_is_no_error_of_boto3_is_mapped_too(error: Exception, kind: type[AwsError]) -> None:
    assert type(raised(error)) is kind


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)], ids=["interrupt", "exit"])
def test_who_ends_the_program_still_ends_it(error: BaseException) -> None:
    def call() -> None:
        raise error

    with pytest.raises(type(error)):
        mapped("sts:AssumeRole", call)


def test_attack_no_credential_gets_out_of_any_error(
    vendor_keys: tuple[str, ...], customer_keys: tuple[str, ...], secrets_in: Look
) -> None:
    words = " ".join((*vendor_keys, *customer_keys))
    secrets = (*vendor_keys, *customer_keys)
    errors: list[Exception] = [
        answered("SignatureDoesNotMatch", f"no. {words}"),
        answered(f"Odd{words}"),
        ResponseParserError(f"invalid XML received: <SecretAccessKey>{words}"),
        ValueError(f"Invalid header value {words}"),
        ValueError(f"Invalid endpoint: {words}"),
        botocore.exceptions.HTTPClientError(error=words),
        botocore.exceptions.CredentialRetrievalError(provider="process", error_msg=words),
    ]
    for error in errors:
        assert secrets_in(error)
        assert secrets_in(raised(error, secrets=secrets)) == []


def test_attack_an_answer_that_cannot_be_parsed_is_not_quoted_even_where_its_secrets_are_not_known(
    secrets_in: Look, customer_keys: tuple[str, ...]
) -> None:
    """The first answer of AssumeRole holds a secret that nobody could tell us to look for."""
    error = ResponseParserError(f"invalid XML received:\n<SecretAccessKey>{customer_keys[1]}</Secr")
    assert secrets_in(raised(error)) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDenied", BadCredentials),
        ("NoSuchEntity", BadCredentials),
        ("ValidationError", BadCredentials),
        ("Whatever", BadCredentials),
        ("ExpiredToken", BadCredentials),
        ("Throttling", Throttled),
        ("InternalFailure", Unreachable),
    ],
)
def test_while_fetching_credentials_a_refusal_is_about_the_vendor(code: str, kind: type[AwsError]) -> None:
    error = as_credentials_error(translated("credentials", answered(code)))
    assert type(error) is kind
    assert (error.code, error.aws_message) == (code, "no")
    assert error.hint
