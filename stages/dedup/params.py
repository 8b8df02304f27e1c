"""Parameters of deduplication and decontamination, section ``dedup``."""

from dataclasses import dataclass

from runtime.errors import PolyglotError


@dataclass
class MinHashParams:
    # Documents with fewer letters and digits are compared for equality only: a few changed words
    # make a short text another text.
    min_characters: int
    ngram: int  # characters in a row, white space and punctuation left out
    # Documents that share the n-grams J of the union (Jaccard) meet with the probability
    # 1 - (1 - J^rows)^bands, which rises steeply at J = (1/bands)^(1/rows): 0.72 for 14 and 8.
    bands: int
    rows: int
    seed: int


@dataclass
class DecontaminationParams:
    data: str | None  # folder of the evaluation tasks, <task>/test.jsonl; null: nothing is removed
    tasks: list[str]
    ngram: int  # characters in a row, white space and punctuation left out
    share: float  # of a long text's n-grams that a document must hold to hold the text
    min_characters: int  # an item of one text that is shorter counts only as a whole document


def check_evaluation(params: DecontaminationParams, evaluated: str | None) -> None:
    """The test items kept out are those of ``evaluated``, the folder that DVC watches.

    Raises:
        PolyglotError: another folder is named.
    """
    if params.data not in (None, evaluated):
        raise PolyglotError(
            f"dedup.decontamination.data is {params.data}, but the evaluation reads {evaluated}: "
            "set evaluate.data alone, or dedup.decontamination.data=null to search for nothing."
        )


@dataclass
class DedupParams:
    # Parts in which signatures, band hashes and pairs are sorted. A worker holds one of them: at
    # the peak 60 bytes for each document, or 56 for each band hash. 1.2 TB may be 600 million
    # documents, 400 million of them long, with 14 bands 5.6 * 10^9 band hashes: in 512 buckets
    # 11 million each, that is 0.6 GB (measured: 0.70 GB with the process itself).
    buckets: int
    minhash: MinHashParams | None  # null: only equal texts are duplicates
    decontamination: DecontaminationParams
