"""Texts that look like a password or a key, and names of places where such things are kept."""

import re

SECRET_NAME = re.compile(
    r"(secret|password|passwd|passphrase|token|api_?key|private_?key|signing_?key|access_?key|credentials?)"
    r"(_?(value|string|key))?$",
    re.IGNORECASE,
)
"""Names of what is secret itself; `SecretArn`, `TokenUrl` and `PasswordLength` only speak of one."""

_PASSWORD_NAME = re.compile(r"(password|passwd|passphrase)$", re.IGNORECASE)
_KNOWN_FORMAT = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|sk_live_|rk_live_|xox[abpr]-|whsec_)\w{16,}"
    r"|[a-z]://[^\s/:@]+:[^\s/:@${<{*]{3,}@"
)
# An ARN, an address, a path, a reference, a placeholder, a switch: where a secret is, not what it is.
_POINTER = re.compile(
    r"arn:|[a-z][a-z0-9+.-]*://(?![^/@\s]*:[^/@\s]+@)|[/.~]|\{\{resolve:|\$\{|<|\*+$|x+$|(?:true|false|none|null|yes|no|n/a|-+)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+\d{0,3}|\d{0,4}")
_SHORTEST_KEY = 8


def points_elsewhere(value: str) -> bool:
    """True for what says where a secret is, or that there is none: an ARN, a path, an address, a placeholder."""
    text = value.strip()
    return not text or bool(_POINTER.match(text)) or ("/" in text and not _mixes(text))


def is_key(value: str) -> bool:
    """True for what looks like a key: a mixture that is neither words nor the name of something."""
    if _KNOWN_FORMAT.search(value):
        return True
    if points_elsewhere(value) or len(value) < _SHORTEST_KEY or re.search(r"\s", value):
        return False
    return _mixes(value)


def _mixes(value: str) -> bool:
    """True if letters, digits and signs stand as they do in no word and no name."""
    return not all(_WORD.fullmatch(part) for part in re.split(r"[-_/.:]", value))


def is_secret(name: str, value: str) -> bool:
    """True if a text of this name is a secret written out."""
    if _KNOWN_FORMAT.search(value):
        return True
    if not SECRET_NAME.search(name) or points_elsewhere(value):
        return False
    return is_key(value) or bool(_PASSWORD_NAME.search(name) and not re.search(r"\s", value))
