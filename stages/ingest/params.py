"""Parameters of the corpus, section ``corpus``."""

from dataclasses import dataclass


@dataclass
class CorpusParams:
    root: str  # folder that holds a folder for each source, or the one source itself
    sources: list[str]  # names of files in conf/sources, in the order in which duplicates yield
    shards: int  # output shards, as far as there are as many raw files; about 1 GB each is good
