import pytest

from byoaws.lint.worlds.literals import SECRET_NAME, is_key, is_secret, points_elsewhere

SECRETS = [
    ("DB_PASSWORD", "hunter2"),
    ("MasterPassword", "changeme"),
    ("API_KEY", "3f9a0c77bd21e04455aa"),
    ("SECRET", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("Webhook", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ("DATABASE", "postgres://app:hunter22@db.example.com/app"),
    ("PEM", "-----BEGIN EC PRIVATE KEY-----\nMHc"),
    ("TOKEN", "gh" + "p_0123456789abcdefghij"),
]
OTHERS = [
    ("SECRET_ARN", "3f9a0c77bd21e04455aa"),
    ("TOKEN_URL", "https://example.com/3f9a0c77bd21e04455aa"),
    ("PASSWORD_LENGTH", "40"),
    ("KEY_ID", "3f9a0c77bd21e04455aa"),
    ("API_KEY", ""),
    ("API_KEY", "prod-mail-api-key-v2"),
    ("API_KEY", "/prod/mail/3f9a0c77"),
    ("API_KEY", "prod/mail/key"),
    ("DB_PASSWORD", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db"),
    ("DB_PASSWORD", "{{resolve:secretsmanager:db}}"),
    ("DB_PASSWORD", "<your password>"),
    ("DB_PASSWORD", "****"),
    ("DB_PASSWORD", "see the runbook"),
    ("USE_TOKEN", "true"),
    ("TOKEN", "none"),
    ("DATABASE", "postgres://db.example.com:5432/app"),
    ("DATABASE", "postgres://app:${Password}@db.example.com/app"),
    ("COMMIT", "3f9a0c77bd21e04455aa"),
]


@pytest.mark.parametrize(("name", "value"), SECRETS)
def test_a_secret_is_seen(name: str, value: str) -> None:
    assert is_secret(name, value)


@pytest.mark.parametrize(("name", "value"), OTHERS)
def test_what_only_speaks_of_a_secret_is_left_alone(name: str, value: str) -> None:
    assert not is_secret(name, value)


@pytest.mark.parametrize(
    "value", ["", "  ", "arn:aws:x", "https://x.example", "/a/b", "a/b/c", "{{resolve:ssm:x}}", "${X}", "NONE"]
)
def test_a_pointer_is_no_key(value: str) -> None:
    assert points_elsewhere(value)
    assert not is_key(value)


@pytest.mark.parametrize("name", ["Secret", "ApiKey", "api_key", "DbPassword", "TOKEN", "AccessKey", "SecretValue"])
def test_names_of_secrets(name: str) -> None:
    assert SECRET_NAME.search(name)


@pytest.mark.parametrize(
    "name", ["SecretArn", "TokenUrl", "PasswordLength", "KeyId", "SecretName", "PublicKey", "Tokens"]
)
def test_names_of_other_things(name: str) -> None:
    assert not SECRET_NAME.search(name)
