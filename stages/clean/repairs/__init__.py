"""Repairs: blocks that change a text and drop no document. The ledger counts the documents."""

from stages.clean.repairs.boilerplate import Boilerplate
from stages.clean.repairs.characters import Characters, SpecialTokens
from stages.clean.repairs.code import Code
from stages.clean.repairs.encoding import Encoding
from stages.clean.repairs.markup import Markup
from stages.clean.repairs.repeats import Repeats
from stages.clean.repairs.spaces import Spaces

__all__ = [
    "Boilerplate",
    "Characters",
    "Code",
    "Encoding",
    "Markup",
    "Repeats",
    "Spaces",
    "SpecialTokens",
]
