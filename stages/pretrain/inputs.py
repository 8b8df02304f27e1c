"""The tokens that training reads: checked before any process is started, and fingerprinted."""

import hashlib
import json
import os
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from runtime import files
from runtime.errors import PolyglotError
from runtime.progress import Progress
from runtime.tracking import flatten
from stages.pretrain.data import windows
from stages.pretrain.params import HOUSEKEEPING, PretrainParams

TOKEN_BYTES = 2  # uint16
LARGEST_VOCABULARY = 65_535  # entries that 16 bits can number

# What decides the weights besides params and tokens: these files here, and these packages.
MODULES = ("model.py", "loss.py", "recipe.py", "data.py", "anomalies.py", "trainer.py", "engine.py")
PACKAGES = ("torch", "deepspeed", "transformers")

IDENTITY = "identity.json"
RESUME = "POLYGLOT_RESUME"  # environment: the folder of checkpoints that a changed trainer resumes


def check(
    params: PretrainParams, tokens: Path, tokenizer_card: Path, progress: Progress
) -> dict[str, Any]:
    """The manifest of ``tokens``, when everything it promises is there.

    Raises:
        PolyglotError: another tokenizer, a missing or changed shard, too few tokens.
    """
    manifest = files.read_json(tokens / "manifest.json")
    card = files.read_json(tokenizer_card)
    if manifest["tokenizer_fingerprint"] != card["fingerprint"]:
        raise PolyglotError(
            f"{tokens} was made with tokenizer {manifest['tokenizer_fingerprint'][:12]}, but the "
            f"tokenizer is now {card['fingerprint'][:12]}: run the stage tokenize again."
        )
    if manifest["vocab_size"] > LARGEST_VOCABULARY:
        raise PolyglotError(
            f"The vocabulary of {manifest['vocab_size']:,} does not fit the 16 bits of a token in "
            f"{tokens}: at most {LARGEST_VOCABULARY:,} entries are possible."
        )
    _check_windows(params, manifest, "train", params.global_batch)
    _check_windows(params, manifest, "validation", 1)
    shards = [file for split in manifest["splits"].values() for file in split["files"]]
    progress.start(len(shards), "shards checked")
    for done, shard in enumerate(shards, start=1):
        _check_shard(tokens, shard)
        progress.update(done)
    return manifest


def shards(tokens: Path, manifest: dict[str, Any], split: str) -> list[Path]:
    """The files of a split, in the manifest's order; an empty one holds nothing to map."""
    return [tokens / file["name"] for file in manifest["splits"][split]["files"] if file["tokens"]]


def identity(
    params: PretrainParams, manifest: dict[str, Any], initial: str | None
) -> dict[str, Any]:
    """All that decides the weights and the curve: what, from which tokens, by which code.

    ``initial`` is the SHA-256 of the weights to begin with, wherever they lie.
    """
    what = {name: value for name, value in asdict(params).items() if name not in HOUSEKEEPING}
    what["init_from"] = initial
    return {"params": what, "tokens": manifest, "code": code(Path(__file__).parent)}


def code(folder: Path) -> dict[str, str]:
    """The SHA-256 of the trainer's modules in ``folder``, and the versions of its packages."""
    source = b"".join((folder / name).read_bytes() for name in MODULES)
    versions = {package: version(package) for package in PACKAGES}
    return {"sha256": hashlib.sha256(source).hexdigest(), **versions}


def fingerprint(identity: dict[str, Any]) -> str:
    """16 hexadecimal digits: checkpoints of another fingerprint belong to another training."""
    text = json.dumps(identity, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def checkpoints(folder: Path, identity: dict[str, Any]) -> Path:
    """The folder in ``folder`` for the checkpoints of this training.

    A changed trainer begins afresh, for the weights of the one before are not its result, unless
    POLYGLOT_RESUME names the folder to go on in.

    Raises:
        PolyglotError: that folder is of another configuration, other tokens or another tokenizer.
    """
    name = os.environ.get(RESUME)
    if not name:
        return folder / fingerprint(identity)
    theirs = files.read_json(folder / name / IDENTITY)
    if differing := differences(theirs | {"code": identity["code"]}, identity):
        raise PolyglotError(f"{RESUME}={name} cannot be resumed, because {'; '.join(differing)}.")
    return folder / name


def others(folder: Path, identity: dict[str, Any]) -> list[str]:
    """A sentence about each training with checkpoints beside ``folder``."""
    beside = sorted(path.parent for path in folder.parent.glob(f"*/{IDENTITY}"))
    return [_other(path, identity) for path in beside if path != folder]


def differences(theirs: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    """What differs between two identities, in words."""
    before, now = flatten(theirs["params"]), flatten(ours["params"])
    found = [
        f"pretrain.{name} was {before.get(name)} and is {now.get(name)}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
    key = "tokenizer_fingerprint"
    if theirs["tokens"].get(key) != ours["tokens"].get(key):
        found.append("the tokenizer is another")
    elif theirs["tokens"] != ours["tokens"]:
        found.append("data/tokens has changed")
    was, is_now = theirs["code"], ours["code"]
    if was["sha256"] != is_now["sha256"]:
        found.append("the trainer's code has changed")
    found += [
        f"{package} was {was[package]} and is {is_now[package]}"
        for package in PACKAGES
        if was[package] != is_now[package]
    ]
    return found


def _other(folder: Path, identity: dict[str, Any]) -> str:
    theirs = files.read_json(folder / IDENTITY)
    size = files.size(folder) / 1e9
    same = not differences(theirs | {"code": identity["code"]}, identity)
    advice = f"set {RESUME}={folder.name} to go on from them all the same, or " if same else ""
    return (
        f"The checkpoints in {folder} ({size:.2f} GB) are of another training and are not "
        f"resumed: {'; '.join(differences(theirs, identity))}; {advice}remove them when they are "
        "no longer needed."
    )


def _check_windows(
    params: PretrainParams, manifest: dict[str, Any], split: str, needed: int
) -> None:
    tokens, context = manifest["splits"][split]["tokens"], params.model.context
    if windows(tokens, context) < needed:
        raise PolyglotError(
            f"The {split} split has {tokens:,} tokens, which is {windows(tokens, context):,} "
            f"sequences of {context:,}; training needs {needed:,} at least: add text, or lower "
            "pretrain.global_batch or pretrain.model.context."
        )


def _check_shard(tokens: Path, shard: dict[str, Any]) -> None:
    path = tokens / shard["name"]
    if not path.is_file():
        raise PolyglotError(f"{path} is missing: run the stage tokenize again.")
    expected = shard["tokens"] * TOKEN_BYTES
    if path.stat().st_size != expected:
        raise PolyglotError(
            f"{path} has {path.stat().st_size:,} bytes in place of {expected:,}: "
            "run the stage tokenize again."
        )
    if files.sha256(path) != shard["sha256"]:
        raise PolyglotError(
            f"{path} is not the shard its manifest describes (its SHA-256 differs): "
            "run the stage tokenize again."
        )
