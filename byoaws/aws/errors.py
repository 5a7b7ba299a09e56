"""The one place where what botocore raises becomes a `byoaws.errors.AwsError`.

Every call to AWS goes through `mapped`. What it raises is new, has no cause and no context, and was scrubbed: the
original exceptions quote answers, URLs and configuration files, and with them credentials.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError, UndefinedModelAttributeError
from botocore.parsers import ResponseParserError

from byoaws.aws.kinds import CLOCK_CODES, KIND_OF_CLASS, KIND_OF_CODE
from byoaws.aws.scrub import scrub
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

Answer = TypeVar("Answer")

# Python's own: an answer that is well-formed and not what the service's model says breaks botocore's parsers in
# these ways (the tests send such answers), and ValueError is also how botocore refuses an endpoint's URL.
_PYTHON_ERRORS = (OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError)
_FOREIGN = (ClientError, BotoCoreError, Boto3Error, ResponseParserError, UndefinedModelAttributeError, *_PYTHON_ERRORS)

_SAYS = {
    AccessDenied: "aws refused the call",
    BadCredentials: "aws cannot be called with these credentials",
    Throttled: "aws asked for fewer calls",
    Unreachable: "no usable answer",
    RegionDisabled: "the region is not enabled",
    NotFound: "there is no such thing",
    InvalidRequest: "the request is not valid",
    AwsError: "the call failed",
}
ROLE_SESSION_HINT = "the session under the customer's role has ended, or aws does not know it; assume the role again"
"""Of BadCredentials, where the call was signed by the role."""
_CLOCK_HINT = "the clock of this machine is wrong; set it, then try again"
_HINTS: Mapping[type[AwsError], str] = {
    BadCredentials: "check {profile}: `aws sts get-caller-identity{option}` must work",
    Throttled: "wait a minute, then try again",
    Unreachable: "check the network, the proxy and AWS_ENDPOINT_URL, then try again",
    RegionDisabled: "enable the region, and STS in it, in the account settings of IAM",
}
_HINTS_OF_CLASS = {
    "NoCredentialsError": "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run under a role",
    "ProfileNotFound": "there is no {profile}; `aws configure list-profiles` shows those there are",
    "ConfigParseError": "mend the file that {profile} is read from",
    "ConfigNotFound": "mend the file that {profile} is read from",
    "InvalidConfigError": "mend {profile} in ~/.aws/config",
    "SSOError": "the sign-in of {profile} has ended: `aws sso login{option}`",
    "TokenRetrievalError": "the sign-in of {profile} has ended: `aws sso login{option}`",
    "LoginError": "the sign-in of {profile} has ended: `aws login{option}`",
}


def mapped(
    operation: str, call: Callable[[], Answer], *, profile: str | None = None, secrets: Iterable[str] = ()
) -> Answer:
    """Return what `call` returns; whatever boto3 raises becomes an `AwsError`.

    Args:
        operation: The API call as `service:Operation`, for the message.
        call: One use of boto3, and nothing else.
        profile: The profile in use, for the hint.
        secrets: The credentials in use, to be taken out of any message.

    Raises:
        AwsError: with neither cause nor context, so that `--debug` cannot show what was scrubbed.
    """
    try:
        return call()
    except _FOREIGN as error:
        failure = translated(operation, error, profile=profile, secrets=secrets)
    # Outside the handler: raised inside, it would carry the original as its context.
    raise failure


async def awaited(
    operation: str, call: Callable[[], Awaitable[Answer]], *, profile: str | None = None, secrets: Iterable[str] = ()
) -> Answer:
    """As `mapped`, for one use of aiobotocore."""
    try:
        return await call()
    except _FOREIGN as error:
        failure = translated(operation, error, profile=profile, secrets=secrets)
    raise failure


def translated(
    operation: str, error: Exception, *, profile: str | None = None, secrets: Iterable[str] = ()
) -> AwsError:
    """Return the `AwsError` that stands for `error`, in AWS's words where AWS spoke."""
    if isinstance(error, ClientError):
        return _from_answer(operation, error, profile, secrets)
    kind = _kind_of_exception(error)
    said = _own_words(error, secrets)
    named = getattr(error, "kwargs", {}).get("profile") or profile
    return kind(
        f"{operation}: {_SAYS[kind]} ({said})", operation=operation, hint=_hint_for_exception(kind, error, named)
    )


def as_credentials_error(error: AwsError) -> AwsError:
    """Return what `error` means when it came up while the vendor's own credentials were being fetched.

    A profile with `role_arn` makes botocore call AssumeRole on its own. Refused there, it is the vendor's profile
    that is wrong; passed on as AccessDenied it would read as "the customer's role refused us", which is good news.
    """
    if isinstance(error, BadCredentials | Throttled | Unreachable):
        return error
    return BadCredentials(
        error.message,
        operation=error.operation,
        code=error.code,
        aws_message=error.aws_message,
        hint=error.hint or "the vendor's own credentials could not be fetched; check its profile",
    )


def _from_answer(operation: str, error: ClientError, profile: str | None, secrets: Iterable[str]) -> AwsError:
    answer: Mapping[str, object] = error.response.get("Error") or {}
    code = scrub(str(answer.get("Code") or ""), secrets)
    aws_message = scrub(str(answer.get("Message") or ""), secrets)
    kind = _kind_of_answer(code, error.response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    hint = _HINTS.get(kind, "")
    if code in CLOCK_CODES or (kind is BadCredentials and _blames_the_clock(aws_message)):
        hint = _CLOCK_HINT
    said = ": ".join(part for part in (code, aws_message) if part) or "no reason given"
    return kind(
        f"{operation}: {_SAYS[kind]} ({said})",
        operation=operation,
        code=code,
        aws_message=aws_message,
        hint=_naming(hint, profile),
    )


def _kind_of_answer(code: str, status: int | None) -> type[AwsError]:
    kind = KIND_OF_CODE.get(code)
    if kind is Throttled or status == 429:
        return Throttled
    # Before the other codes: on a fault of its own AWS's refusal says nothing about the caller.
    if status is not None and status >= 500:
        return Unreachable
    if kind is None:
        return NotFound if status == 404 else AwsError
    return kind


def _kind_of_exception(error: Exception) -> type[AwsError]:
    # The nearest class that the table knows, so that a class botocore adds later is at least its parent's kind.
    for cls in type(error).__mro__:
        if cls.__name__ in KIND_OF_CLASS:
            return KIND_OF_CLASS[cls.__name__]
    return InvalidRequest if _is_bad_endpoint(error) else Unreachable


def _own_words(error: Exception, secrets: Iterable[str]) -> str:
    if isinstance(error, BotoCoreError | Boto3Error) or _is_bad_endpoint(error):
        return scrub(str(error), secrets) or type(error).__name__
    # Parsers quote the answer, and AssumeRole's answer holds a secret key.
    return f"the answer cannot be read, {type(error).__name__}"


def _is_bad_endpoint(error: Exception) -> bool:
    # Source: botocore/endpoint.py, EndpointCreator.create_endpoint.
    return isinstance(error, ValueError) and str(error).startswith("Invalid endpoint:")


def _hint_for_exception(kind: type[AwsError], error: Exception, profile: str | None) -> str:
    for cls in type(error).__mro__:
        if cls.__name__ in _HINTS_OF_CLASS:
            return _naming(_HINTS_OF_CLASS[cls.__name__], profile)
    return _naming(_HINTS.get(kind, ""), profile)


def _naming(hint: str, profile: str | None) -> str:
    return hint.format(
        profile=f"profile '{profile}'" if profile else "the default profile",
        option=f" --profile {profile}" if profile else "",
    )


def _blames_the_clock(aws_message: str) -> bool:
    # Source: AWS Signature Version 4 troubleshooting, "Signature expired" and "Signature not yet current".
    words = aws_message.lower()
    return any(sign in words for sign in ("signature expired", "signature not yet current", "skew"))
