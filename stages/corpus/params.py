"""Parameters of the sample corpus (section ``sample``)."""

from dataclasses import dataclass


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
