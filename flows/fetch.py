"""Brings a source of the registry into its folder, file by file, each whole or not at all.

What belongs to fetching lies in the hidden folder ``.fetch`` there, which no reader looks into: the
partial files, and ``downloads.json`` with the URL, bytes and SHA-256 of every file that came. A tar
archive is unpacked and removed.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.utils import filter_repo_objects

from flows.download import Watch, download
from flows.unpack import archive_of, unpack
from runtime import files
from runtime.errors import PolyglotError
from stages.ingest.sources import Access, Download, Hub, Source

OWN = ".fetch"
RECORD = "downloads.json"

FETCHED, VERIFIED, KEPT = "fetched", "verified", "kept"

ACCESS = {
    Access.public: "has no address to fetch it from",
    Access.application: "is given on application",
    Access.private: "is private",
}


@dataclass(frozen=True)
class Fetched:
    """A file in the source's folder, and what was done about it."""

    path: Path
    state: str  # FETCHED, VERIFIED: there since an earlier fetch, KEPT: put there by others


def folder(source: Source, root: Path) -> Path:
    """Where a source goes in ``root``: the folder it has there, or else the first of its names."""
    there = [root / name for name in source.folders if (root / name).is_dir()]
    return there[0] if there else root / source.folders[0]


def can_be_fetched(source: Source) -> bool:
    """Whether the registry says where its files are to be had by anybody."""
    return bool(source.downloads or source.hub)


def fetch(source: Source, root: Path, watch: Callable[[str], Watch]) -> Iterator[Fetched]:
    """Bring the files of ``source`` into its folder; ``watch(path)`` is told of a file's bytes.

    Yields each file when it is there. One that was there before is verified and left alone.

    Raises:
        PolyglotError: the source is not to be fetched, a file cannot be brought or is not what the
            registry or an earlier fetch says.
    """
    if not can_be_fetched(source):
        raise PolyglotError(f"The source {source.name} {ACCESS[source.access]}. {source.missing}")
    into = folder(source, root)
    with _alone(into):
        record = _Record(into / OWN / RECORD)
        found = [*source.downloads, *(record.hub_files(source.hub) if source.hub else [])]
        for archive, parts in groupby(found, lambda file: archive_of(file.path)):
            if archive:
                yield from _unpacked(archive, list(parts), into, record, watch)
            else:
                yield from (_bring(file, into, record, watch) for file in parts)


@contextmanager
def _alone(into: Path) -> Iterator[None]:
    """Nobody else fetches into this folder."""
    (into / OWN).mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(into / OWN / "lock", timeout=0):
            yield
    except Timeout:
        raise PolyglotError(f"{into} is being fetched by another process.") from None


class _Record:
    """What ``downloads.json`` says; written after every change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[str, Any] = {"files": {}}
        if path.exists():
            self._values = files.read_json(path)

    def sha256(self, file: Download) -> str | None:
        """Of the file that an earlier fetch brought."""
        known = self._values["files"].get(file.path)
        return known["sha256"] if known else None

    def add(self, file: Download, size: int, sha256: str) -> None:
        self._values["files"][file.path] = {"url": file.url, "bytes": size, "sha256": sha256}
        files.write_json(self._path, self._values)

    def unpacked(self, archive: str) -> dict[str, str] | None:
        """Path and SHA-256 of the files that an archive gave, if it has been unpacked."""
        return self._values.get("unpacked", {}).get(archive)

    def add_unpacked(self, archive: str, sums: dict[str, str]) -> None:
        self._values.setdefault("unpacked", {})[archive] = sums
        files.write_json(self._path, self._values)

    def hub_files(self, hub: Hub) -> list[Download]:
        """The files of a dataset, listed once, so that later fetches mean the same commit."""
        known = self._values.get("hub")
        if known is None or known["dataset"] != asdict(hub):
            listed = [asdict(file) for file in hub_files(hub)]
            known = self._values["hub"] = {"dataset": asdict(hub), "files": listed}
            files.write_json(self._path, self._values)
        return [Download(**file) for file in known["files"]]


def hub_files(hub: Hub) -> list[Download]:
    """The files of a dataset on the hub, with the sizes and hashes that it gives.

    Raises:
        PolyglotError: the hub cannot be reached, or has no such dataset or files.
    """
    try:
        info = HfApi().dataset_info(hub.id, revision=hub.revision, files_metadata=True)
    except Exception as error:  # the hub's client raises whatever its network layers raise
        raise PolyglotError(
            f"The files of {hub.id} cannot be listed on the hub ({type(error).__name__}): check "
            "the network and fetch again."
        ) from None
    siblings = {sibling.rfilename: sibling for sibling in info.siblings or []}
    found = sorted(filter_repo_objects(siblings, allow_patterns=hub.files))
    if not found:
        raise PolyglotError(f"{hub.id} has no file {' or '.join(hub.files)} on the hub.")
    return [
        Download(
            url=hf_hub_url(hub.id, name, repo_type="dataset", revision=info.sha),
            path=name,
            bytes=siblings[name].size,
            sha256=lfs.sha256 if (lfs := siblings[name].lfs) else None,
        )
        for name in found
    ]


def _bring(file: Download, into: Path, record: _Record, watch: Callable[[str], Watch]) -> Fetched:
    target = into / file.path
    if target.exists():
        return _verified(file, target, record)
    partial = into / OWN / f"{file.path}.partial"
    download(file.url, partial, file.bytes, watch(file.path))
    sha256, size = files.sha256(partial), partial.stat().st_size
    if file.sha256 not in (None, sha256):
        partial.unlink()
        raise PolyglotError(
            f"{file.url} has the SHA-256 {sha256[:12]}… in place of {str(file.sha256)[:12]}…: "
            "its publisher changed it, or somebody on the way did; nothing of it is kept."
        )
    record.add(file, size, sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial.rename(target)
    partial.with_suffix(".origin").unlink(missing_ok=True)
    return Fetched(target, FETCHED)


def _unpacked(
    archive: str, parts: list[Download], into: Path, record: _Record, watch: Callable[[str], Watch]
) -> Iterator[Fetched]:
    """The files of an archive, which no reader opens, in its place."""
    beside = (into / archive).parent
    aside = into / OWN / "unpacked"
    shutil.rmtree(aside, ignore_errors=True)  # of a fetch that was killed
    if known := record.unpacked(archive):
        for file in parts:
            (into / file.path).unlink(missing_ok=True)
        for name, sha256 in known.items():
            if not (beside / name).exists() or files.sha256(beside / name) != sha256:
                raise PolyglotError(
                    f"{beside / name} is not what was unpacked from {archive}: keep it, or delete "
                    f"{into} and fetch again."
                )
            yield Fetched(beside / name, VERIFIED)
        return
    brought = [_bring(part, into, record, watch).path for part in parts]
    try:
        sums = {name: files.sha256(aside / name) for name in unpack(brought, aside)}
        for name, sha256 in sums.items():
            target = beside / name
            if target.exists() and files.sha256(target) != sha256:
                raise PolyglotError(
                    f"{target} is there already and is not the one of {archive}: delete it and "
                    "fetch again."
                )
        for name in sums:
            (beside / name).parent.mkdir(parents=True, exist_ok=True)
            (aside / name).rename(beside / name)
            yield Fetched(beside / name, FETCHED)
        record.add_unpacked(archive, sums)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    for part in brought:
        part.unlink()


def _verified(file: Download, target: Path, record: _Record) -> Fetched:
    known = file.sha256 or record.sha256(file)
    if known is None:
        return Fetched(target, KEPT)
    if files.sha256(target) != known:
        raise PolyglotError(
            f"{target} is not what is fetched from {file.url} (its SHA-256 differs): keep it, or "
            "delete it and fetch again."
        )
    return Fetched(target, VERIFIED)
