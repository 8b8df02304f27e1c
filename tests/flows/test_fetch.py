import hashlib
import io
import json
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from flows import download as downloads
from flows import fetch as fetching
from flows import unpack
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


def archive(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    """A gzipped tar of some members, all of a kind."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, len(content), "/etc/passwd"
            opened.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def in_parts(server: Published, packed: bytes) -> Source:
    """A source that is one archive in three parts."""
    third = len(packed) // 3
    cuts = {"aa": packed[:third], "ab": packed[third : 2 * third], "ac": packed[2 * third :]}
    server.files.update({f"/talk.tar.gz{part}": content for part, content in cuts.items()})
    names = [f"talk.tar.gz{part}" for part in cuts]
    return source(server, downloads=[Download(f"{server.address}/{n}", n) for n in names])


WORDS = random.Random(1).randbytes(50_000)


def test_an_archive_in_parts_is_unpacked_and_removed(server: Published, tmp_path: Path) -> None:
    what = in_parts(server, archive(("20190101.txt", b"one\n"), ("b/words.txt", WORDS)))
    assert states(what, tmp_path) == [FETCHED, FETCHED]
    assert [path.read_bytes() for path in visible(tmp_path)] == [b"one\n", WORDS]
    server.asked.clear()
    assert states(what, tmp_path) == [VERIFIED, VERIFIED]
    assert not server.asked
    (tmp_path / "talk/b/words.txt").write_bytes(b"mine")
    with pytest.raises(PolyglotError, match=r"words.txt is not what was unpacked from talk.tar.gz"):
        states(what, tmp_path)


def test_a_fetch_killed_before_it_cleared_up_leaves_no_archive(
    server: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    what = in_parts(server, archive(("a.txt", b"one\n")))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda path, missing_ok=False: None)
        assert states(what, tmp_path) == [FETCHED]
    assert len(visible(tmp_path)) > 1
    assert states(what, tmp_path) == [VERIFIED]
    assert [path.name for path in visible(tmp_path)] == ["a.txt"]


def test_two_do_not_fetch_the_same_source(server: Published, tmp_path: Path) -> None:
    first = fetch(source(server), tmp_path, lambda path: lambda done, total: None)
    assert next(first).state == FETCHED
    with pytest.raises(PolyglotError, match="is being fetched by another process"):
        states(source(server), tmp_path)
    assert next(first).state == FETCHED


def test_unpacking_that_was_killed_is_done_again(server: Published, tmp_path: Path) -> None:
    what = in_parts(server, archive(("a.txt", b"one\n"), ("words.txt", WORDS)))
    fetched = fetch(what, tmp_path, lambda path: lambda done, total: None)
    assert next(fetched).path == tmp_path / "talk/a.txt"
    del fetched
    server.asked.clear()
    assert states(what, tmp_path) == [FETCHED, FETCHED]
    assert not server.asked
    assert [path.read_bytes() for path in visible(tmp_path)] == [b"one\n", WORDS]


def test_a_file_of_ones_own_is_not_unpacked_over(server: Published, tmp_path: Path) -> None:
    what = in_parts(server, archive(("a.txt", b"one\n"), ("b.txt", b"two\n")))
    (tmp_path / "talk").mkdir()
    (tmp_path / "talk/b.txt").write_bytes(b"mine")
    with pytest.raises(PolyglotError, match=r"b.txt is there already and is not the one of"):
        states(what, tmp_path)
    assert (tmp_path / "talk/b.txt").read_bytes() == b"mine"
    assert not (tmp_path / "talk/a.txt").exists()


@pytest.mark.parametrize(
    ("packed", "sentence"),
    [
        (archive(("../out.txt", b"x")), "holds '../out.txt', which is no file inside its folder"),
        (archive(("/tmp/out.txt", b"x")), "holds '/tmp/out.txt'"),
        (archive(("link", b""), kind=tarfile.SYMTYPE), "holds 'link'"),
        (archive(("words.txt", WORDS))[:-100], "cannot be unpacked"),
        (b"no archive at all", r"cannot be unpacked \(BadGzipFile\)"),
        (archive(("bomb.txt", bytes(10**6))), "holds over 200 times its own size"),
    ],
)
def test_what_cannot_be_unpacked_safely_is_refused(
    server: Published,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    packed: bytes,
    sentence: str,
) -> None:
    monkeypatch.setattr(unpack, "MOST_SMALL", 10**5)
    with pytest.raises(PolyglotError, match=sentence):
        states(in_parts(server, packed), tmp_path)
    assert {path.name for path in visible(tmp_path)} == {f"talk.tar.gza{n}" for n in "abc"}


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
