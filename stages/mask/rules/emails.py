"""E-mail addresses, as RFC 5321 (sizes) and RFC 5322 (characters) have them.

Of the characters that a local part may hold, only those that are in use, so that ``mail=a@b.kr``
begins behind the ``=``. A domain has a top-level domain of letters.
"""

import re

from stages.mask.rules.base import Family, Match, rule

_LOCAL = r"[A-Za-z0-9_][A-Za-z0-9_%+'.-]{0,63}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.){{1,8}}[A-Za-z]{{2,24}}(?![A-Za-z0-9])"
_AT = r"[@＠]"
_SPELLED = r"(?: [@＠] ?| ?[@＠] | ?\((?:at|AT|골뱅이)\) ?| ?\[(?:at|AT|골뱅이)\] ?| ?골뱅이 ?)"

# Where another dot goes on with letters, the address of a file or of a program may end.
_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|bmp|css|js|html?)$", re.IGNORECASE)
_VERSION = re.compile(r"[@＠][0-9]+\.[0-9]+\.")
_IN_URL = re.compile(r"://[^\s/?#]*$")


def _is_address(match: Match) -> bool:
    """Neither an image at a scale (``icon@2x.png``), nor a package at a version, nor the user of a
    URL."""
    if _FILE.search(match[0]) or _VERSION.search(match[0]) or ".." in match[0]:
        return False
    before = match.string[max(0, match.start() - 80) : match.start()]
    return not _IN_URL.search(before)


EMAILS = Family(
    look=r"(?:[@＠]|[(（\[](?:at|AT|골뱅이)[)）\]]|골뱅이)[^\n]{0,4}[A-Za-z0-9０-９]+",
    start=re.compile(
        r"[A-Za-z0-9_](?<![A-Za-z0-9_][A-Za-z0-9_])(?=[A-Za-z0-9_%+'.-]{0,63} ?[@＠(\[골])"
    ),
    rules=[
        rule(
            "email",
            "address",
            "An e-mail address: name, @, and a domain that ends in letters.",
            "gildong.hong@example.com",
            rf"{_LOCAL}(?<!\.){_AT}{_DOMAIN}",
            _is_address,
        ),
        rule(
            "email",
            "spelled",
            "An e-mail address with blanks around the @, or (at) or 골뱅이 in its place.",
            "gildong 골뱅이 example.com",
            rf"{_LOCAL}(?<!\.){_SPELLED}{_DOMAIN}",
            _is_address,
        ),
    ],
)
