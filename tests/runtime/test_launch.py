import sys

import pytest

from runtime import launch
from runtime.errors import PolyglotError
from tests.conftest import ROOT


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a local launch configuration and a module `rank` for the ranks to run."""
    (tmp_path / "infra/launch").mkdir(parents=True)
    (tmp_path / "infra/launch/local.yaml").write_text(
        "{workers: 3, processes: 2, grace: 5, patience: 60}"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{':'.join(sys.path)}")
    for name in ("POLYGLOT_LAUNCH", "POLYGLOT_WORKERS", "POLYGLOT_PROCESSES"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_every_rank_knows_its_place(project):
    (project / "rank.py").write_text(
        "import os, sys\n"
        "e = os.environ\n"
        "open(sys.argv[1] + e['RANK'], 'w').write(f\"{e['WORLD_SIZE']} {e['MASTER_ADDR']}\")"
    )
    launch.ranks("rank", ["out"])
    assert [(project / f"out{rank}").read_text() for rank in (0, 1)] == ["2 127.0.0.1"] * 2


def test_the_first_failure_ends_the_others_with_its_own_sentence(project):
    (project / "rank.py").write_text(
        "import os, time\n"
        "from runtime import stage\n"
        "from runtime.errors import PolyglotError\n"
        "def body():\n"
        "    if os.environ['RANK'] == '1': raise PolyglotError('Shard 7 is torn.')\n"
        "    time.sleep(60)\n"
        "    open('waited', 'w')\n"
        "raise SystemExit(stage.guard(body))"
    )
    with pytest.raises(PolyglotError, match=r"^Shard 7 is torn\.$"):
        launch.ranks("rank", [])
    assert not (project / "waited").exists()


def test_a_killed_rank_is_named_not_what_the_others_say_of_it(project):
    (project / "rank.py").write_text(
        "import os, signal, time\n"
        "if os.environ['RANK'] == '1': os.kill(os.getpid(), signal.SIGKILL)\n"
        "time.sleep(60)\n"
    )
    with pytest.raises(PolyglotError, match=r"ended by SIGKILL: is there enough memory\?"):
        launch.ranks("rank", [])


def test_the_environment_wins_over_the_file(project, monkeypatch):
    assert (launch.workers(), launch.processes()) == (3, 2)
    monkeypatch.setenv("POLYGLOT_WORKERS", "7")
    monkeypatch.setenv("POLYGLOT_PROCESSES", "5")
    assert (launch.workers(), launch.processes()) == (7, 5)


def test_a_count_that_is_no_number_is_one_sentence(project, monkeypatch):
    monkeypatch.setenv("POLYGLOT_WORKERS", "many")
    with pytest.raises(PolyglotError, match="POLYGLOT_WORKERS is 'many'"):
        launch.workers()


def test_every_launch_configuration_that_ships_is_sound(monkeypatch):
    monkeypatch.chdir(ROOT)
    names = [path.stem for path in (ROOT / "infra/launch").glob("*.yaml")]
    executors = set()
    for name in names:
        monkeypatch.setenv("POLYGLOT_LAUNCH", name)
        executors.add(launch.load().executor)
    assert executors == set(launch.Executor)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("executor: slurm", "give it a section slurm"),
        ("executor: moon", "executor"),
        ("slurm: {partition: cpu, moon: 1}", "slurm"),
    ],
)
def test_a_wrong_executor_is_one_sentence(project, more, sentence):
    file = project / "infra/launch/local.yaml"
    file.write_text(f"workers: 3\nprocesses: 2\ngrace: 5\npatience: 60\n{more}\n")
    with pytest.raises(PolyglotError, match=sentence):
        launch.load()


def test_an_unknown_launch_configuration_names_the_known(project, monkeypatch):
    monkeypatch.setenv("POLYGLOT_LAUNCH", "moon")
    with pytest.raises(PolyglotError, match="known are: local"):
        launch.load()
