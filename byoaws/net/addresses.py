"""Which IP addresses lie in the public internet: the only ones that are ever connected to.

A website's name and its redirects come from outside. Without this, a look at a website could be turned at this
machine, its network, or the metadata service that hands out credentials.
"""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# The first five carry an IPv4 address inside, by which a private one could be reached; the last is the old site-local
# range, which Python counts as global. Source: RFC 6052, RFC 8215, RFC 3056, RFC 4380, RFC 4291, RFC 3879.
_NOT_PUBLIC = tuple(
    ipaddress.IPv6Network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")
)


def is_public(text: str) -> bool:
    """True if `text` is an address that everybody can reach, and that is one host."""
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address.scope_id is not None or any(address in network for network in _NOT_PUBLIC):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
