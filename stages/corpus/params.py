"""Parameters of the sample corpus (section ``sample``)."""

from dataclasses import asdict, dataclass

from runtime.errors import PolyglotError

FEWEST_DOCUMENTS = 200  # with fewer, some source would have none
MOST_ITEMS = 5000  # of a split: what the grammar can surely tell without repeating itself


@dataclass
class KobestSizes:
    train: int  # items of each evaluation task's train split
    validation: int  # items of each validation split
    test: int  # items of each test split


@dataclass
class SampleParams:
    seed: int  # everything follows from it
    documents: int  # records over all sources, duplicates and broken ones included
    defects: float  # share of records with one planted defect
    pii: float  # share of records with planted personal numbers
    lookalikes: float  # share of records with planted numbers that only look personal
    kobest: KobestSizes


def check(params: SampleParams) -> None:
    """Refuse values that make no corpus.

    Raises:
        PolyglotError: the first such value, by its name.
    """
    if params.documents < FEWEST_DOCUMENTS:
        raise PolyglotError(
            f"sample.documents must be at least {FEWEST_DOCUMENTS}, not {params.documents}."
        )
    for name in ("defects", "pii", "lookalikes"):
        share = getattr(params, name)
        if not 0 <= share <= 1:
            raise PolyglotError(f"sample.{name} is a share from 0 to 1, not {share}.")
    for split, size in asdict(params.kobest).items():
        if not 0 < size <= MOST_ITEMS:
            raise PolyglotError(f"sample.kobest.{split} must be 1 to {MOST_ITEMS}, not {size}.")
