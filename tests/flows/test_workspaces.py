import subprocess
from pathlib import Path

import pytest
from dvc.repo import Repo

from flows import workspaces
from runtime.errors import PolyglotError
from tests.flows.conftest import write_graph


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in git and DVC, with a remote's secret of its own."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    Repo.init().close()
    (tmp_path / "in.txt").write_text("1")
    (tmp_path / ".gitignore").write_text("/workspaces/\n/.polyglot/\n/first.txt\n/report.txt\n")
    (tmp_path / ".dvcignore").write_text("workspaces\n")
    write_graph(tmp_path, "cat first.txt > report.txt")
    author = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    subprocess.run(["git", "add", "."], check=True)
    subprocess.run(["git", *author, "commit", "--quiet", "--message", "All"], check=True)
    (tmp_path / ".dvc/config.local").write_text(
        "['remote \"there\"']\n    url = s3://there\n    secret_access_key = se%cret\n"
    )
    return tmp_path


def test_a_workspace_is_a_worktree_that_takes_from_the_cache(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Repo(".") as repo:
        repo.reproduce("report")
        workspaces.enter("trial")
        assert Path.cwd() == repository / "workspaces/trial"
    (Path.cwd() / "dvc.lock").write_bytes((repository / "dvc.lock").read_bytes())
    with Repo(".") as repo:
        assert repo.cache.local_cache_dir == str(repository / ".dvc/cache")
        repo.checkout()
        assert repo.status(targets=["report"]) == {}
    assert Path("report.txt").read_text() == "1"
    assert "se%cret" in Path(".dvc/config.local").read_text()
    assert Path(".dvc/config.local").stat().st_mode & 0o077 == 0
    monkeypatch.chdir(repository)
    status = subprocess.run(["git", "status", "--short"], capture_output=True, text=True)
    assert "workspaces" not in status.stdout
    workspaces.enter("trial")  # it is there already
    assert Path.cwd() == repository / "workspaces/trial"


def test_none_is_the_project_itself(repository: Path) -> None:
    workspaces.enter(None)
    assert Path.cwd() == repository


@pytest.mark.parametrize("name", ["../out", "a/b", "-x", ".git", "a b"])
def test_a_name_that_is_none_is_refused(repository: Path, name: str) -> None:
    with pytest.raises(PolyglotError, match="A workspace cannot be named"):
        workspaces.enter(name)


def test_without_git_it_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PolyglotError, match=r"The workspace trial cannot be made: .*git repos"):
        workspaces.enter("trial")
