"""Parameters of cleaning, section ``clean``."""

from dataclasses import dataclass


@dataclass
class CleanParams:
    min_characters: int  # shorter documents are dropped; characters after tidying
    min_hangul_share: float  # Hangul syllables among characters other than white space; 0 to 1
    max_repeats: int  # how often one to five characters may repeat; what is more goes, but no digit
