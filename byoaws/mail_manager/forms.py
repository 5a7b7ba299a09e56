"""What AWS's patterns ask for, in words and by an example."""

from byoaws.mail_manager.terms import ARN_LIKE, EMAIL_ADDRESS, IPV4_CIDR, IPV6_CIDR

_LETTERS = "letters, digits"
_STORED = "the ARN of a secret, such as arn:aws:secretsmanager:us-east-1:111122223333:secret:mail-AbCdEf"
_KEY = "the ARN of a key, such as arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_TOPIC = "the ARN of an SNS topic, such as arn:aws:sns:us-east-1:111122223333:mail"
_PARTITIONS = "(aws|aws-cn|aws-us-gov|aws-eusc)"

_FORMS = {
    ARN_LIKE: "an ARN or a name, without spaces",
    EMAIL_ADDRESS: "an address, such as postmaster@example.com",
    "[a-zA-Z0-9.+-]+@[a-zA-Z0-9.-]+": (
        f"an address of {_LETTERS}, '.', '+' and '-', which is all that CloudFormation takes: postmaster@example.com"
    ),
    IPV4_CIDR: "an IPv4 range, such as 192.0.2.0/24, or 192.0.2.1/32 for one address",
    IPV6_CIDR: "an IPv6 range, such as 2001:db8::/32, or 2001:db8::1/128 for one address",
    "(([0-9]|.|:|/)*)": "an IP range, such as 192.0.2.0/24 or 2001:db8::/32",
    r"[xX]\-[a-zA-Z0-9\-]+": f"a name that begins with 'X-', then {_LETTERS} and '-', such as X-Archived",
    "X-[a-zA-Z0-9-]{1,256}": f"a name that begins with 'X-', then {_LETTERS} and '-', such as X-Spam-Score",
    "[a-z0-9-]+": "an id of 36 small letters, digits and '-'",
    rf"arn:{_PARTITIONS}:sns:[a-z0-9-]+:\d{{12}}:[\w\-]{{1,256}}": _TOPIC,
    rf"arn:{_PARTITIONS}:sns:[a-z]{{2}}-([a-z]+-)+\d{{1}}:\d{{12}}:[\w\-]{{1,256}}": _TOPIC,
    "[a-zA-Z0-9.-]+": f"{_LETTERS}, '.' and '-'",
    "[a-zA-Z0-9!_.*'()/-]+": f"{_LETTERS} and ! _ . * ' ( ) / -",
    "[a-zA-Z0-9-:/]+": "the id or the ARN of a key",
    r"[45]\.[0-9]{1,3}\.[0-9]{1,3}": "an enhanced status code, such as 5.1.1",
    "[45][0-9][0-9]": "an SMTP reply code, such as 550",
    r"[\x20-\x7e]+": "plain ASCII on one line",
    r"[\r\n\x20-\x7e]+": "plain ASCII",
    r"(addon\.)?[\sa-zA-Z0-9_]+": f"{_LETTERS}, spaces and '_', such as addon.isSpam",
    "[a-zA-Z0-9_.-]+": f"{_LETTERS}, '_', '.' and '-'",
    r"[A-Za-z0-9_\-]+": f"{_LETTERS}, '_' and '-'",
    "[a-zA-Z0-9-_]+": f"{_LETTERS}, '_' and '-'",
    r"[a-zA-Z0-9-\.]+": "a host name or an IP address, without a port",
    "[a-zA-Z0-9][a-zA-Z0-9_-]*[a-zA-Z0-9]": (
        f"at least two of {_LETTERS}, '_' and '-', with a letter or a digit at both ends"
    ),
    rf"arn:{_PARTITIONS}:secretsmanager:[a-z0-9-]+:\d{{12}}:secret:[a-zA-Z0-9/_+=,.@-]+": _STORED,
    r"arn:aws(|-cn|-us-gov|-eusc):kms:[a-z0-9-]{1,20}:[0-9]{12}:(key|alias)/.+": _KEY,
    rf"arn:{_PARTITIONS}:kms:[a-z0-9-]+:\d{{12}}:(key|alias)/[a-zA-Z0-9/_-]+": _KEY,
    r"[A-Za-z0-9!@#$%^&*()_+\-=\[\]{}|.,?]+": f"{_LETTERS} and ! @ # $ % ^ & * ( ) _ + - = [ ] {{ }} | . , ?",
    "vpce-[a-zA-Z0-9]{17}": "the id of a VPC endpoint, such as vpce-0123456789abcdef0",
}


def form(pattern: str) -> str:
    """Return what a pattern asks for, to be read after "write"."""
    return _FORMS.get(pattern, f"what matches {pattern}")
