"""IP addresses: RFC 791 (four octets) and RFC 4291 (eight groups, or fewer around ``::``)."""

import ipaddress
import re

from stages.mask.rules.base import Family, Match, Rule, in_address
from stages.mask.words import Words

_WORDS = Words("ip")
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LARGE = 100  # no part of a version is as large as the largest octet of most addresses


def _is_v4(match: Match) -> bool:
    """Versions have four parts as well: without a word, a large octet or a private range tells."""
    host = match.string[max(0, match.start() - 3) : match.start()] == "://"
    if not host and in_address(match):
        return False
    said = _WORDS.say(match)
    if said is None:
        address = ipaddress.ip_address(match[0])
        said = host or max(address.packed) >= _LARGE
    return said


def _is_v6(match: Match) -> bool:
    """Times have colons, too: a valid address has eight groups, or ``::`` and a letter."""
    try:
        ipaddress.ip_address(match[0])
    except ValueError:
        return False
    return match[0].count(":") == 7 or re.search("[a-f]", match[0], re.IGNORECASE) is not None


IPS = Family(
    look=(
        r"[0-9０-９]{1,3}(?:[.．][0-9０-９]{1,3}){3}"
        r"|[0-9A-Fa-f]{0,4}(?:::?[0-9A-Fa-f]{1,4}){2,7}"
    ),
    start=re.compile(r"(?<![0-9A-Za-z.:])(?=[0-9A-Fa-f:]{1,5}[.:0-9A-Fa-f])"),
    rules=[
        Rule(
            "ip",
            "version 4",
            "Four numbers up to 255 with dots, that are no version of something.",
            "192.168.0.15",
            re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}(?![0-9A-Za-z]|\.[0-9])"),
            _is_v4,
        ),
        Rule(
            "ip",
            "version 6",
            "Up to eight groups of hexadecimal digits with colons.",
            "2001:db8::8a2e:370:7334",
            re.compile(
                r"(?:[0-9A-Fa-f]{1,4})?(?:::?[0-9A-Fa-f]{1,4}){2,7}(?![0-9A-Za-z:]|\.[0-9])"
            ),
            _is_v6,
        ),
    ],
)
