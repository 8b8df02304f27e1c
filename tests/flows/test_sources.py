import json
import shutil
from pathlib import Path

import pytest

from flows import download as downloads
from flows.sources import bring, listed
from runtime.errors import PolyglotError
from tests.conftest import ROOT
from tests.flows.http_source import Published, publish
from tests.flows.test_cli import polyglot

PARAMS = "corpus: {root: raw, sources: [nsmc, blog], shards: 1}\n"

OWN = """
name: talk
title: Talk
published_gb: 1.0
licence: CC0
access: public
obtain: From its publisher.
missing: Unpack talk.txt there.
folders: [talk]
downloads: [{url: "ADDRESS/talk.txt", path: talk.txt}]
layouts: [{files: ["**/*.txt"], format: text}]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The registry, and 30 bytes of nsmc in two files."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "conf/sources", "conf/sources")
    Path("params.yaml").write_text(PARAMS)
    raw = Path("raw/nsmc/raw")
    raw.mkdir(parents=True)
    for number in range(2):
        (raw / f"{number}.json").write_text('[{"review": 1}]')
    return tmp_path


def table(capsys: pytest.CaptureFixture[str]) -> dict[str, dict]:
    listed(None, as_json=True)
    return {line["name"]: line for line in json.loads(capsys.readouterr().out)}


def test_fifteen_sources_are_listed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = table(capsys)
    assert len(found) == 15
    assert round(sum(line["published_gb"] for line in found.values())) == 863
    assert next(iter(found)) == "blog"
    assert all(line["licence"] and line["obtain"] and line["missing"] for line in found.values())


def test_what_lies_there_is_counted_as_ingest_reads_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "raw/nsmc/ratings.txt").write_text("another form of the same text")
    found = table(capsys)
    nsmc, blog, news = (found[name] for name in ("nsmc", "blog", "news"))
    assert (nsmc["in_corpus"], nsmc["files"], nsmc["bytes"]) == (True, 2, 30)
    assert (blog["in_corpus"], blog["files"]) == (True, 0)
    assert (news["in_corpus"], news["files"]) == (False, 0)
    assert nsmc["can_be_fetched"] and not blog["can_be_fetched"]


def test_the_only_source_may_lie_in_the_root(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("params.yaml").write_text("corpus: {root: raw/nsmc, sources: [nsmc], shards: 1}\n")
    assert {name for name, line in table(capsys).items() if line["files"]} == {"nsmc"}


def test_a_pipe_gets_a_line_a_source(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed(None, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    first, second = (line.split() for line in lines if line.split()[:1] == ["nsmc"])
    assert first == ["nsmc", "yes", "2", "30", "bytes", "1.0", "GB", "CC0", "1.0"]
    assert second == ["nsmc", "https://github.com/e9t/nsmc"]
    ways = [line for line in lines if line.split()[:1] == ["news"]]
    assert "missing" in ways[0] and "Put your own" in ways[1]


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("name: [", "talk.yaml"),
        ("name: talk\ntitel: Talk\n", "talk.yaml"),
        (OWN.replace("public", "gratis"), "talk.yaml"),
        ("[]", "talk.yaml"),
        ("", "talk.yaml"),
    ],
)
def test_an_entry_that_cannot_be_read_is_one_sentence(
    project: Path, entry: str, sentence: str
) -> None:
    Path("conf/sources/talk.yaml").write_text(entry)
    with pytest.raises(PolyglotError, match=sentence) as raised:
        listed(None, as_json=False)
    assert "\n" not in str(raised.value)


def test_an_unknown_source_is_one_sentence(project: Path) -> None:
    with pytest.raises(PolyglotError, match="Unknown source 'talk': known are aihub"):
        bring("talk", None)
    Path("params.yaml").write_text(PARAMS.replace("blog", "blogs"))
    with pytest.raises(PolyglotError, match="Unknown source 'blogs'"):
        listed(None, as_json=False)


def test_what_is_given_on_application_is_not_fetched(project: Path) -> None:
    with pytest.raises(PolyglotError, match=r"modu is given on application\. Apply .*korean.go.kr"):
        bring("modu", None)


def test_the_embedded_sample_is_not_fetched_into(project: Path) -> None:
    with pytest.raises(PolyglotError, match=r"is the embedded sample .* --root DIR"):
        bring("nsmc", "data/sample/raw")


@pytest.mark.service
def test_a_source_is_fetched_and_then_found(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloads, "PAUSES", ())
    with publish(Published({"/talk.txt": b"words\n"})) as server:
        entry = OWN.replace("ADDRESS", server.address)
        Path("conf/sources/talk.yaml").write_text(entry)
        bring("talk", None)
        assert "raw/talk/talk.txt: fetched" in capsys.readouterr().out
        assert table(capsys)["talk"]["bytes"] == 6
        bring("talk", None)
        assert "raw/talk/talk.txt: verified" in capsys.readouterr().out


@pytest.mark.service
def test_what_is_to_be_unpacked_by_hand_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with publish(Published({"/talk.7z": b"archive"})) as server:
        entry = OWN.replace("ADDRESS/talk.txt", f"{server.address}/talk.7z")
        entry = entry.replace("path: talk.txt", "path: talk.7z")
        Path("conf/sources/talk.yaml").write_text(entry)
        bring("talk", None)
    said = capsys.readouterr().out
    assert "raw/talk/talk.7z: fetched" in said
    assert "Unpack talk.txt there." in said


def test_the_command_line_reaches_both(tmp_path: Path) -> None:
    found = json.loads(polyglot("sources", "--json", "--root", str(tmp_path)).stdout)
    assert len(found) >= 15 and not any(line["files"] for line in found)
    done = polyglot("sources", "fetch", "blog", "--root", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("The source blog is private. Put your own")
    done = polyglot("sources", "--root", str(tmp_path), "fetch", "blog")
    assert done.stderr.startswith("Options come last")
