"""How the files of a source are found, and what the operating system refuses."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime import documents, files
from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.ingest import CorpusParams, ingest, reader
from stages.ingest.raw import matches, raw_files

NOBODY = 65534


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that everybody may use; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o700)
    shutil.rmtree(folder)


def as_nobody(body: Callable[[], None]) -> int:
    """The exit code of ``body`` in a child without root's right to read everything."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.getuid() == 0:
                os.seteuid(NOBODY)
            body()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_what_may_not_be_read_is_quarantined(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYGLOT_WORKERS", "1")
    source = open_folder / "raw" / "kcbert"
    (source / "closed").mkdir(parents=True)
    (source / "closed" / "a.txt").write_text("nobody will know")
    (source / "secret.txt").write_text("nobody will know")
    (source / "open.txt").write_text("글\n", encoding="utf-8")
    (source / "gone.txt").symlink_to("nowhere.txt")
    (source / "closed").chmod(0o000)
    (source / "secret.txt").chmod(0o000)
    corpus = CorpusParams(str(open_folder / "raw"), ["kcbert"], 2)

    assert as_nobody(lambda: ingest(corpus, Progress(None), open_folder / "ingest")) == 0

    assert [d.text for d in documents.read(open_folder / "ingest" / "documents")] == ["글"]
    account = files.read_json(open_folder / "ingest" / "ledger.json")["sources"]["kcbert"]
    reasons = {reason: count["documents"] for reason, count in account["quarantined"].items()}
    assert reasons == {"no_permission": 2, "vanished": 1}
    assert account["extra"] == {"torn_files": 3}
    lines = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((open_folder / "ingest" / "quarantine").iterdir())
    )
    assert '"file": "closed", "position": 0, "reason": "no_permission"' in lines


def test_a_file_that_vanishes_after_the_listing_is_quarantined(
    ingested, monkeypatch: pytest.MonkeyPatch
) -> None:
    located = reader.located

    def late(file):
        if file.name == "a.txt":
            file.path.unlink()
        return located(file)

    monkeypatch.setattr(reader, "located", late)
    found = ingested("kcbert", {"a.txt": b"gone\n", "b.txt": b"here\n"})
    assert found.texts == ["here"]
    assert found.quarantined == {"vanished": 1}
    assert found.torn == 1


def test_links_are_followed_once_and_hidden_files_are_no_text(ingested, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.txt").write_bytes(b"linked\n")
    source = tmp_path / "raw" / "kcbert"
    source.mkdir(parents=True)
    (source / "b").symlink_to(tmp_path / "elsewhere")
    (source / "round").symlink_to(source)
    os.mkfifo(source / "pipe.txt")
    files = {"a.txt": b"own\n", ".hidden.txt": b"-", ".git/c.txt": b"-", "d.txt.partial": b"-"}
    assert ingested("kcbert", files).texts == ["own", "linked"]


def test_of_the_forms_of_one_text_only_the_first_is_read(ingested, registered) -> None:
    registered(
        "{form: whole, files: ['*.jsonl'], text: [text]},"
        "{form: parts, files: ['*.txt']}, {form: parts, files: ['*.tsv'], text: [text]}"
    )
    parts = {"a.txt": b"line\n", "b.tsv": b"text\ncell\n"}
    assert ingested("own", parts).texts == ["line", "cell"]
    assert ingested("own", {"c.jsonl": b'{"text": "record"}'}).texts == ["record"]


@pytest.mark.parametrize(
    ("name", "glob", "fits"),
    [
        ("a.txt", "**/*.txt", True),
        ("b/c/a.TXT.gz", "**/*.txt", True),
        ("b/a.txt.partial", "**/*.txt", False),
        ("b/a.txt", "*.txt", False),
        ("b/raw/1.json", "**/raw/*.json", True),
        ("b/raw/c/1.json", "**/raw/*.json", False),
        ("draw/1.json", "**/raw/*.json", False),
        ("kowiki-latest-pages-articles.xml.bz2", "**/*pages-articles*.xml", True),
    ],
)
def test_globs(name: str, glob: str, fits: bool) -> None:
    assert matches(name, [glob]) is fits


def test_a_missing_source_says_what_to_do(registered, tmp_path: Path) -> None:
    registered("{files: ['*.txt']}")
    (tmp_path / "raw" / "own").mkdir(parents=True)
    with pytest.raises(PolyglotError, match=r"has no file for the source own: .*\. Make one\."):
        raw_files(CorpusParams(str(tmp_path / "raw"), ["own"], 1))
    with pytest.raises(PolyglotError, match=r"has no folder own for the source own\. Make one\."):
        raw_files(CorpusParams(str(tmp_path), ["own", "own"], 1))


@pytest.mark.parametrize(
    ("layouts", "sentence"),
    [
        ("{files: ['*'], format: doc}", r"own.yaml: unknown format 'doc': known are text, "),
        ("{files: ['*'], txt: [a]}", r"own.yaml.txt: Key 'txt' not in 'Layout'"),
        ("{format: text}", r"own.yaml.layouts\[0\].files: "),
        ("{files: [", r"own.yaml cannot be read as YAML: "),
    ],
)
def test_a_faulty_entry_of_the_registry_is_one_sentence(
    registered, layouts: str, sentence: str
) -> None:
    registered(layouts)
    with pytest.raises(PolyglotError, match=sentence):
        raw_files(CorpusParams(".", ["own"], 1))
