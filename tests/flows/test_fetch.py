import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from flows import download as downloads
from flows import fetch as fetching
from flows.fetch import FETCHED, KEPT, VERIFIED, fetch
from runtime import files
from runtime.errors import PolyglotError
from stages.ingest.raw import files_of
from stages.ingest.sources import Access, Download, Hub, Layout, Source
from tests.flows.http_source import Published, publish

TEXTS = {"/a.txt": b"first\n" * 1_000, "/b/c.txt": "둘째\n".encode() * 1_000}

pytestmark = pytest.mark.service


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    monkeypatch.setattr(downloads, "PAUSES", ())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with publish(Published(dict(TEXTS))) as published:
        yield published


def source(server: Published, **changes: object) -> Source:
    """A public source of two files, all of them read as text."""
    found = [Download(server.address + path, path[1:]) for path in TEXTS]
    fields: dict[str, object] = {
        "name": "talk",
        "title": "Talk",
        "published_gb": 1.0,
        "licence": "CC0",
        "access": Access.public,
        "obtain": "From its publisher.",
        "missing": "Fetch it.",
        "folders": ["talk", "Talk"],
        "layouts": [Layout(files=["**/*"], format="text")],
        "downloads": found,
    }
    return Source(**(fields | changes))  # type: ignore[arg-type]


def states(what: Source, root: Path) -> list[str]:
    return [file.state for file in fetch(what, root, lambda path: lambda done, total: None)]


def test_files_come_and_are_verified_the_next_time(server: Published, tmp_path: Path) -> None:
    assert states(source(server), tmp_path) == [FETCHED, FETCHED]
    assert {f"/{p.relative_to(tmp_path / 'talk')}": p.read_bytes() for p in visible(tmp_path)} == (
        TEXTS
    )
    server.asked.clear()
    assert states(source(server), tmp_path) == [VERIFIED, VERIFIED]
    assert not server.asked


def visible(root: Path) -> list[Path]:
    """What ingest would read."""
    return [file.path for file in files_of(source(Published({})), root / "talk")]


def test_the_folder_that_is_there_is_used(server: Published, tmp_path: Path) -> None:
    (tmp_path / "Talk").mkdir()
    states(source(server), tmp_path)
    assert (tmp_path / "Talk/a.txt").exists() and not (tmp_path / "talk").exists()


def test_an_interrupted_fetch_goes_on_and_is_not_read_before(
    server: Published, tmp_path: Path
) -> None:
    server.breaks = [10_000, 2_000]
    with pytest.raises(PolyglotError, match=r"b/c.txt broke off"):
        states(source(server), tmp_path)
    assert visible(tmp_path) == [tmp_path / "talk/a.txt"]
    server.asked.clear()
    assert states(source(server), tmp_path) == [VERIFIED, FETCHED]
    assert server.asked == [("/b/c.txt", "bytes=2000-")]
    assert (tmp_path / "talk/b/c.txt").read_bytes() == TEXTS["/b/c.txt"]


def test_the_wrong_hash_leaves_nothing(server: Published, tmp_path: Path) -> None:
    right = hashlib.sha256(TEXTS["/a.txt"]).hexdigest()
    server.files["/a.txt"] = b"other\n" * 1_000
    wanted = [Download(f"{server.address}/a.txt", "a.txt", len(TEXTS["/a.txt"]), right)]
    with pytest.raises(PolyglotError, match=f"in place of {right[:12]}.*nothing of it is kept"):
        states(source(server, downloads=wanted), tmp_path)
    assert not visible(tmp_path)
    server.files["/a.txt"] = TEXTS["/a.txt"]
    assert states(source(server, downloads=wanted), tmp_path) == [FETCHED]


def test_a_fetched_file_that_changed_is_told_and_left_alone(
    server: Published, tmp_path: Path
) -> None:
    states(source(server), tmp_path)
    (tmp_path / "talk/a.txt").write_bytes(b"mine")
    with pytest.raises(PolyglotError, match=r"a.txt is not what is fetched .* differs"):
        states(source(server), tmp_path)
    assert (tmp_path / "talk/a.txt").read_bytes() == b"mine"


def test_a_file_put_there_by_hand_is_kept(server: Published, tmp_path: Path) -> None:
    (tmp_path / "talk").mkdir()
    (tmp_path / "talk/a.txt").write_bytes(b"mine")
    assert states(source(server), tmp_path) == [KEPT, FETCHED]
    assert (tmp_path / "talk/a.txt").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("access", "sentence"),
    [
        (Access.application, "The source talk is given on application. Fetch it."),
        (Access.private, "The source talk is private. Fetch it."),
        (Access.public, "The source talk has no address to fetch it from. Fetch it."),
    ],
)
def test_what_is_not_to_be_fetched(
    server: Published, tmp_path: Path, access: Access, sentence: str
) -> None:
    with pytest.raises(PolyglotError) as raised:
        states(source(server, downloads=[], access=access), tmp_path)
    assert str(raised.value) == sentence
    assert not (tmp_path / "talk").exists()


HUB = Hub("someone/talk", ["ko/*.parquet"])


@pytest.fixture
def hub(server: Published, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A stand-in for the hub's list of files; returns the ids it was asked for."""
    asked = []
    text = b"parquet" * 1_000
    server.files["/ko/0.parquet"] = text
    lfs = SimpleNamespace(sha256=hashlib.sha256(text).hexdigest())
    siblings = [
        SimpleNamespace(rfilename="README.md", size=1, lfs=None),
        SimpleNamespace(rfilename="ko/0.parquet", size=len(text), lfs=lfs),
        SimpleNamespace(rfilename="en/0.parquet", size=9, lfs=lfs),
    ]

    def dataset_info(self: object, id_: str, **options: object) -> SimpleNamespace:
        asked.append(id_)
        return SimpleNamespace(sha="0abc", siblings=siblings)

    def url(id_: str, name: str, *, repo_type: str, revision: str) -> str:
        assert (id_, repo_type, revision) == (HUB.id, "dataset", "0abc")
        return f"{server.address}/{name}"

    monkeypatch.setattr(fetching.HfApi, "dataset_info", dataset_info)
    monkeypatch.setattr(fetching, "hf_hub_url", url)
    return asked


def test_a_dataset_of_the_hub_is_listed_once_and_verified(
    server: Published, hub: list[str], tmp_path: Path
) -> None:
    what = source(server, downloads=[], hub=HUB)
    assert states(what, tmp_path) == [FETCHED]
    assert states(what, tmp_path) == [VERIFIED]
    assert hub == [HUB.id]
    assert visible(tmp_path) == [tmp_path / "talk/ko/0.parquet"]
    record = files.read_json(tmp_path / "talk/.fetch/downloads.json")
    assert list(record["files"]) == ["ko/0.parquet"]


def test_what_the_hub_lacks(server: Published, hub: list[str], tmp_path: Path) -> None:
    with pytest.raises(PolyglotError, match=r"has no file fr/\*"):
        states(source(server, downloads=[], hub=Hub(HUB.id, ["fr/*"])), tmp_path)


def test_the_hub_is_not_reached(
    server: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(self: object, id_: str, **options: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr(fetching.HfApi, "dataset_info", unreachable)
    with pytest.raises(PolyglotError, match=r"cannot be listed on the hub \(OSError\)"):
        states(source(server, downloads=[], hub=HUB), tmp_path)


def test_the_record_names_every_file(server: Published, tmp_path: Path) -> None:
    states(source(server), tmp_path)
    record = json.loads((tmp_path / "talk/.fetch/downloads.json").read_text())
    assert record["files"]["a.txt"] == {
        "url": f"{server.address}/a.txt",
        "bytes": len(TEXTS["/a.txt"]),
        "sha256": hashlib.sha256(TEXTS["/a.txt"]).hexdigest(),
    }
