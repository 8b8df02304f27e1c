import pytest

from runtime import files
from runtime.errors import PolyglotError


def test_json_is_written_whole_and_read_back(tmp_path):
    path = tmp_path / "deep" / "x.json"
    files.write_json(path, {"글": [1, 2]})
    assert files.read_json(path) == {"글": [1, 2]}
    assert [entry.name for entry in path.parent.iterdir()] == ["x.json"]


def test_missing_or_broken_json_is_one_sentence(tmp_path):
    with pytest.raises(PolyglotError, match="is missing"):
        files.read_json(tmp_path / "x.json")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(PolyglotError, match="not valid JSON"):
        files.read_json(tmp_path / "x.json")


def test_publish_replaces_the_old_folder(tmp_path):
    partial, final = tmp_path / "new.partial", tmp_path / "new"
    for folder, name in ((partial, "a"), (final, "old")):
        folder.mkdir()
        (folder / name).write_text(name)
    files.publish(partial, final)
    assert [path.name for path in final.iterdir()] == ["a"]
    assert not partial.exists()


def test_what_a_killed_writer_left_is_not_published(tmp_path):
    partial = tmp_path / "partial"
    files.write_text(partial / "ledger.json", "{}")
    (partial / ".ledger.json.123").write_text("{")
    files.publish(partial, tmp_path / "final")
    assert [path.name for path in (tmp_path / "final").iterdir()] == ["ledger.json"]
