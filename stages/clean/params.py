"""Parameters of cleaning, section ``clean``: every threshold of a repair or of a filter."""

from dataclasses import dataclass


@dataclass
class Range:
    min: float
    max: float


@dataclass
class LineParams:
    min_lines: int  # a document of fewer lines is not judged by the two shares below
    max_bullet_share: float  # lines that begin with a bullet, of all lines
    max_ellipsis_share: float  # lines that end in an ellipsis, of all lines


@dataclass
class RepetitionParams:
    max_line_share: float  # lines that repeat an earlier one, of all lines
    max_line_character_share: float  # their characters, of all characters
    max_paragraph_share: float  # the same for paragraphs, which an empty line parts
    max_paragraph_character_share: float
    min_words: int  # in a document of fewer words no n-gram is counted
    top_ngrams: dict[int, float]  # n words: characters that the most frequent n-gram may cover
    duplicate_ngrams: dict[int, float]  # n words: characters that repeated n-grams may cover


@dataclass
class CleanParams:
    keep_rejects: bool  # write what is dropped to data/clean/rejected, a folder for each reason
    max_repeats: int  # how often one to five characters may repeat; what is more goes, but no digit
    max_boilerplate_characters: int  # a longer line is never boilerplate
    min_characters: int  # shorter documents are dropped; characters after all repairs
    max_characters: int  # and longer ones
    max_broken_share: float  # characters lost to a wrong encoding, of the visible ones
    min_hangul_share: float  # Hangul syllables among characters other than white space; 0 to 1
    word_characters: Range  # mean length of an eojeol, the word between two spaces
    max_symbol_share: float  # symbols among the visible characters, a run of one symbol as one
    lines: LineParams
    repetition: RepetitionParams
