import fcntl
import random
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import download as downloads
from flows.download import download
from runtime.errors import PolyglotError
from tests.flows.http_source import Published, publish

CONTENT = random.Random(1).randbytes(300_000)
NAME = "/ratings.txt"

pytestmark = pytest.mark.service


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    monkeypatch.setattr(downloads, "PAUSES", (0, 0))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with publish(Published({NAME: CONTENT})) as published:
        yield published


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "ratings.txt.partial"


def fetched(server: Published, partial: Path, size: int | None = None) -> bytes:
    download(server.address + NAME, partial, size, lambda done, total: None)
    return partial.read_bytes()


def stopped(server: Published, partial: Path, came: int) -> None:
    """A download that was given up after ``came`` bytes."""
    server.breaks = [came, 0, 0]
    with pytest.raises(PolyglotError, match=f"broke off .* the {came:,} bytes that came are kept"):
        fetched(server, partial)
    assert partial.read_bytes() == server.files[NAME][:came]
    server.asked.clear()


def test_a_file_comes_whole(server: Published, partial: Path) -> None:
    seen = []
    download(server.address + NAME, partial, len(CONTENT), lambda *bytes_: seen.append(bytes_))
    assert partial.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_a_dropped_connection_is_taken_up_where_it_was(server: Published, partial: Path) -> None:
    server.breaks = [100_000, 1, 50_000]
    assert fetched(server, partial) == CONTENT
    ranges = [asked for _, asked in server.asked]
    assert ranges == [None, "bytes=100000-", "bytes=100001-", "bytes=150001-"]


def test_a_later_fetch_brings_only_the_rest(server: Published, partial: Path) -> None:
    stopped(server, partial, came=123_456)
    assert fetched(server, partial) == CONTENT
    assert server.asked == [(NAME, "bytes=123456-")]


def test_what_is_whole_already_is_not_brought_again(server: Published, partial: Path) -> None:
    fetched(server, partial)
    server.asked.clear()
    assert fetched(server, partial) == CONTENT
    assert server.asked == [(NAME, f"bytes={len(CONTENT)}-")]


@pytest.mark.parametrize("size", [400_000, 300_000, 123_456, 10])
def test_a_file_that_changed_comes_from_its_start(
    server: Published, partial: Path, size: int
) -> None:
    stopped(server, partial, came=123_456)
    server.files[NAME] = changed = random.Random(2).randbytes(size)
    server.version = '"2"'
    assert fetched(server, partial) == changed


def test_a_server_that_ignores_if_range_is_noticed(server: Published, partial: Path) -> None:
    stopped(server, partial, came=1_000)
    server.files[NAME] = changed = random.Random(2).randbytes(2_000)
    server.version, server.heeds_if_range = '"2"', False
    assert fetched(server, partial) == changed


@pytest.mark.parametrize("version", [None, 'W/"1"'])
def test_without_a_version_it_comes_from_its_start(
    server: Published, partial: Path, version: str | None
) -> None:
    server.version = version
    server.breaks = [1_000]
    assert fetched(server, partial) == CONTENT
    assert server.asked == [(NAME, None), (NAME, None)]


def test_without_ranges_it_comes_from_its_start(server: Published, partial: Path) -> None:
    server.ranges = False
    server.breaks = [1_000]
    assert fetched(server, partial) == CONTENT


def test_another_address_begins_anew(server: Published, partial: Path) -> None:
    stopped(server, partial, came=1_000)
    server.files["/other.txt"] = b"other"
    download(f"{server.address}/other.txt", partial, None, lambda done, total: None)
    assert partial.read_bytes() == b"other"


def test_a_truncated_file_is_not_taken_for_the_whole(server: Published, partial: Path) -> None:
    server.length = False  # so that only the registry's size tells
    server.breaks = [1_000] * 3
    server.ranges = False
    with pytest.raises(PolyglotError, match=r"ended after 1,000 of 300,000 bytes"):
        fetched(server, partial, size=len(CONTENT))


def test_another_size_than_the_registry_says(server: Published, partial: Path) -> None:
    with pytest.raises(PolyglotError, match="300,000 bytes in place of the 299,999"):
        fetched(server, partial, size=299_999)
    assert not partial.read_bytes()


def test_a_busy_server_is_asked_again(server: Published, partial: Path) -> None:
    server.codes = [503, 429]
    assert fetched(server, partial) == CONTENT


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        ([404], r"refused \(404 Not Found\)"),
        ([403], r"refused \(403 Forbidden\)"),
        ([500, 502, 503], r"is not served now \(503\): check the network and fetch again"),
    ],
)
def test_a_refusal_is_one_sentence(
    server: Published, partial: Path, codes: list[int], sentence: str
) -> None:
    server.codes = codes
    with pytest.raises(PolyglotError, match=sentence):
        fetched(server, partial)


def test_nobody_answers(partial: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "PAUSES", (0,))
    with publish(Published({})) as gone:
        pass
    with pytest.raises(PolyglotError, match=r"cannot be reached .*: check the network"):
        fetched(gone, partial)


def test_only_https_leaves_this_machine(server: Published, partial: Path) -> None:
    with pytest.raises(PolyglotError, match="not encrypted: only https"):
        download("http://localhost.example.org/a", partial, None, lambda done, total: None)
    server.codes, server.location = [302], "http://example.org/a"
    with pytest.raises(PolyglotError, match=r"http://example.org/a is not encrypted"):
        fetched(server, partial)


def test_a_full_disk_keeps_what_came(server: Published, partial: Path) -> None:
    partial.parent.mkdir()
    partial.symlink_to("/dev/full")
    with pytest.raises(PolyglotError, match=r"The disk is full: what has come of .* is kept"):
        download(server.address + NAME, partial, None, lambda done, total: None)


def test_a_disk_too_small_is_told_before(
    server: Published, partial: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")(10**6, 10**6 - 5, 5)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(PolyglotError, match=r"needs 300,000 more bytes in .*, where 5 are free"):
        fetched(server, partial)
    assert not partial.read_bytes()


def test_two_fetches_of_a_file_do_not_mix(server: Published, partial: Path) -> None:
    partial.parent.mkdir()
    with partial.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(PolyglotError, match="is being fetched by another process"):
            fetched(server, partial)
