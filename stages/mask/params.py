"""Parameters of masking, section ``mask``."""

from dataclasses import dataclass

from runtime.errors import PolyglotError
from stages.mask.kinds import KINDS


@dataclass
class MaskParams:
    extra_kinds: list[str]  # masked besides phone, rrn and account: see kinds.yaml
    business_phones: bool  # the numbers of businesses, 15xx, 16xx and 18xx, too
    spelled_phones: bool  # phone numbers spelled in words, too: 공일공 일이삼사 오육칠팔
    samples: int  # masked samples kept of a rule, per source, for the report


def check(params: MaskParams) -> None:
    """Refuse kinds that nobody knows, or that are always masked.

    Raises:
        PolyglotError: there is such a kind, or the number of samples is negative.
    """
    extra = [name for name, kind in KINDS.items() if kind.optional]
    for name in params.extra_kinds:
        if name not in extra:
            raise PolyglotError(
                f"mask.extra_kinds names {name!r}: it may hold any of {', '.join(extra)}."
            )
    if params.samples < 0:
        raise PolyglotError(f"mask.samples is {params.samples}: give 0 or more.")


def masked_kinds(params: MaskParams) -> list[str]:
    """The kinds that are masked, in the order of kinds.yaml."""
    return [name for name, kind in KINDS.items() if not kind.optional or name in params.extra_kinds]
