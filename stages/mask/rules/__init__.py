"""What personal information looks like: a module for each kind.

``families`` lists all rules in the order in which they are tried.
"""

import re
from dataclasses import replace

from stages.mask.params import MaskParams, masked_kinds
from stages.mask.rules import spelled
from stages.mask.rules.accounts import BY_LAYOUT, BY_WORD
from stages.mask.rules.base import HIDDEN, Family, Rule
from stages.mask.rules.cards import CARDS
from stages.mask.rules.companies import COMPANIES
from stages.mask.rules.emails import EMAILS
from stages.mask.rules.ips import IPS
from stages.mask.rules.licences import LICENCES
from stages.mask.rules.passports import PASSPORTS
from stages.mask.rules.phones import BUSINESS, BUSINESS_PHONES, PHONES
from stages.mask.rules.plates import PLATES
from stages.mask.rules.residents import RESIDENTS

__all__ = ["Family", "Rule", "families"]

# Numbers begin with a digit, + or ( that is not in the middle of a number, before eight more digits
# or hidden digits.
NUMBERS = Family(
    look=r"[0-9０-９](?:[^0-9０-９\n]{0,5}[0-9０-９]){5,}",
    start=re.compile(
        r"[0-9+(](?<![0-9][0-9+(])(?<![0-9]-[0-9+(])"
        rf"(?=(?:[-~./·_ ()+]{{0,4}}[0-9{HIDDEN}]){{8}})"
    ),
    rules=[*RESIDENTS, *BY_LAYOUT, *PHONES, *BY_WORD],
)
BUSINESSES = Family(
    look=r"[1１][568５６８](?:[^0-9０-９\n]{0,5}[0-9０-９]){6}",
    start=re.compile(rf"(?<![0-9])(?<![0-9][-.,:/]){BUSINESS}"),
    rules=BUSINESS_PHONES,
)
SPELLED = Family(look=spelled.LOOK, start=spelled.START, rules=spelled.SPELLED)
OPTIONAL = (EMAILS, CARDS, PASSPORTS, LICENCES, COMPANIES, IPS, PLATES)


def families(params: MaskParams) -> list[Family]:
    """The families with the rules that ``params`` asks for; where two meet, the first wins."""
    kinds = masked_kinds(params)
    wanted = (
        replace(
            family,
            rules=[rule for rule in family.rules if rule.kind in kinds and rule.wanted(params)],
        )
        for family in (*OPTIONAL, NUMBERS, BUSINESSES, SPELLED)
    )
    return [family for family in wanted if family.rules]
