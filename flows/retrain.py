"""Continued training: from the registered champion, on a corpus that has grown since.

A version of a model carries the hash of the corpus that it was trained on;
weights and tokenizer of the new one begin as the champion's.
"""

from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo

from flows.registry import CHAMPION, name_of, told
from runtime import params
from runtime.errors import PolyglotError
from runtime.registry import REGISTRY, by_alias

CORPUS = "corpus"  # tag of a version: DVC's hash of corpus.root
INGEST = "ingest"  # the stage that reads it


class NothingNew(PolyglotError):
    """There is nothing to continue with, and no harm in that."""


def overrides() -> list[str]:
    """The parameters that let the profile in force go on from its champion.

    Raises:
        NothingNew: there is no champion yet, or it has seen this corpus.
        PolyglotError: MLflow does not answer, or the corpus is not there.
    """
    name = name_of(params.read()["profile"])
    with told(name):
        champion = by_alias(name, CHAMPION)
    if champion is None:
        raise NothingNew(
            f"{name} has no champion to continue from: a run from the beginning makes the first."
        )
    if champion.tags.get(CORPUS) == corpus_hash():
        raise NothingNew(
            f"There is no new data: {name} version {champion.version}, the champion, was trained "
            f"on the corpus that {params.read()['corpus']['root']} holds."
        )
    model = f"{REGISTRY}{name}/{champion.version}"
    return [f"pretrain.init_from={model}", f"tokenizer.reuse={model}"]


def corpus_hash() -> str:
    """DVC's hash of the folder ``corpus.root`` as it is now; of known files it reads no byte.

    Raises:
        PolyglotError: the folder is not there.
    """
    root = params.read()["corpus"]["root"]
    try:
        with Repo(".") as repo:
            (stage,) = repo.stage.collect(INGEST)
            corpus = next(dep for dep in stage.deps if dep.def_path == root)
            return str(corpus.get_hash().value)
    except (DvcException, OSError) as error:
        raise PolyglotError(f"The corpus in {root} cannot be read: {error}.") from None


def trained_on(lock: dict[str, Any]) -> str:
    """The same hash of the corpus as it was ingested, by this dvc.lock; empty if it was not."""
    root = params.read()["corpus"]["root"]
    deps = lock["stages"].get(INGEST, {}).get("deps", [])
    return next((dep["md5"] for dep in deps if dep["path"] == root), "")
