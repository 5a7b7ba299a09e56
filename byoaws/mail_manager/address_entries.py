"""What may stand in an address list: an e-mail address, a domain, or either with one wildcard.

Source: Mail Manager guide, "Address Lists", "For manual entry", and the API's lengths for `Address`. Where that page is
silent, plain RFC 5321 addresses and ASCII host names are taken and nothing else: a dot-atom before the @, labels of
letters, digits and hyphens behind it.
"""

import re

SHORTEST, LONGEST = 3, 320
_LOCAL = 64
_WILD_LOCAL = (3, 19)
"""Characters beside the `*` of a local part that has any."""
_WILD_LEVELS = (2, 9)
"""Labels behind the `*.` of a domain."""
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_DOMAIN = 255


def mistake(entry: str) -> str:
    """Return what is wrong with an entry of an address list, as a predicate; empty if nothing is."""
    if not entry:
        return "is empty"
    if not SHORTEST <= len(entry) <= LONGEST:
        return f"has {len(entry)} characters; AWS takes {SHORTEST} to {LONGEST}"
    if not entry.isascii():
        return "holds characters beyond ASCII; write a domain in its xn-- form"
    if not entry.isprintable() or " " in entry:
        return "holds a space or a control character"
    if entry.count("*") > 1:
        return "has more than one '*'"
    local, at, domain = entry.rpartition("@")
    if "@" in local:
        return "has more than one '@'"
    wild = "*" in local
    return (_local_mistake(local) if at else "") or _domain_mistake(domain, may_be_wild=not wild)


def same(entry: str) -> str:
    """Return what two entries have in common that mean the same: a domain has no upper and lower case."""
    local, at, domain = entry.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _local_mistake(local: str) -> str:
    if not local:
        return "has nothing before the '@'"
    if "*" not in local:
        return "" if _ATOM.fullmatch(local) and len(local) <= _LOCAL else "is no address: see what is before the '@'"
    rest = local[:-1]
    if not local.endswith("*"):
        return "has its '*' elsewhere than right before the '@'"
    least, most = _WILD_LOCAL
    if rest and not least <= len(rest) <= most:
        return f"has {len(rest)} characters before its '*'; AWS takes none, or {least} to {most}"
    return "" if not rest or _ATOM.fullmatch(rest.rstrip(".")) else "is no address: see what is before the '*'"


def _domain_mistake(domain: str, *, may_be_wild: bool) -> str:
    if not domain:
        return "has no domain"
    if "*" in domain:
        return _wild_domain_mistake(domain) if may_be_wild else "has more than one '*'"
    return _host_mistake(domain)


def _wild_domain_mistake(domain: str) -> str:
    if not domain.startswith("*."):
        return "has its '*' elsewhere than at the beginning of the domain, as in '*.example.com'"
    rest = domain[2:]
    least, most = _WILD_LEVELS
    levels = rest.count(".") + 1
    if rest and not least <= levels <= most:
        return f"has {levels} levels behind its '*'; AWS takes {least} to {most}"
    return _host_mistake(rest)


def _host_mistake(host: str) -> str:
    labels = host.split(".")
    fine = len(host) <= _DOMAIN and len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return "" if fine else "has no domain, as example.com is one"
