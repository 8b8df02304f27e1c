"""Unnecessary spaces, as the Polyglot-Ko technical report calls them (arXiv:2306.02254)."""

from stages.clean.repairs.base import Repair, tidied


class Spaces(Repair):
    """One space between words, none at the ends of lines, at most one empty line between two."""

    name = "spaces"

    def repair(self, text: str) -> str:
        return tidied(text)
