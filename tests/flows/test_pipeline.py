import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import psutil
import pytest

from flows import pipeline, run
from flows.pipeline import CACHED, RAN, Outcome, Pipeline, StageFailed, run_stage
from runtime.errors import PolyglotError
from runtime.progress import Progress
from runtime.stage import progress_file
from tests.flows.conftest import GRAPH, PARAMS, write_graph


def bring_all() -> dict[str, str]:
    with closing(Pipeline()) as graph:
        return {stage: run_stage(graph, stage, run="r").state for stage in graph.stages}


def bring(stage: str, **options) -> Outcome:
    with closing(Pipeline()) as graph:
        return run_stage(graph, stage, run="r", **options)


def test_stages_run_in_order_and_only_when_changed(project):
    assert bring_all() == {"first": RAN, "report": RAN}
    assert bring_all() == {"first": CACHED, "report": CACHED}
    (project / "in.txt").write_text("2")
    assert bring_all() == {"first": RAN, "report": RAN}
    assert (project / "report.txt").read_text() == "2"


def test_force_runs_what_is_up_to_date(project):
    bring_all()
    assert bring("first", force=True).state == RAN


def test_a_failing_stage_is_named_with_a_sentence(project):
    write_graph(project, "sh -c 'exit 3'")
    with pytest.raises(StageFailed) as raised:
        bring_all()
    assert raised.value.stage == "report"
    assert "report" in str(raised.value)
    assert (project / "first.txt").exists()  # what was finished stays


def test_a_disk_too_full_for_the_sentence_is_still_named(project, monkeypatch):
    write_graph(project, "sh -c 'exit 3'")
    monkeypatch.setattr(pipeline, "FULL", float("inf"))
    with pytest.raises(StageFailed, match="The disk is full, and stage report could not go on"):
        bring_all()


def test_a_missing_input_is_one_sentence(project):
    (project / "in.txt").unlink()
    with pytest.raises(StageFailed, match=r"Stage first needs in\.txt, which is not there\."):
        Pipeline().check_inputs()
    Pipeline("aside").check_inputs()


def test_an_unknown_target_names_the_known(project):
    with pytest.raises(PolyglotError, match=r"no stage .nothing.; known are: .*first"):
        Pipeline("nothing")


def test_a_folder_without_a_graph_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PolyglotError, match="stage graph cannot be read"):
        Pipeline()


def test_cancelling_ends_the_whole_group(project):
    write_graph(project, "sh -c 'sleep 61 & sleep 62'")

    def cancel_when_running():
        if sleepers(project):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring("first")
        bring("report", watch=cancel_when_running)
    assert sleepers(project) == []
    write_graph(project, "cat first.txt > report.txt")
    assert bring_all() == {"first": CACHED, "report": RAN}


def sleepers(project) -> list[psutil.Process]:
    """The `sleep` processes that work in the project's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == "sleep" and process.cwd() == str(project):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_a_second_run_of_a_workspace_is_refused_and_changes_nothing(project):
    (project / "params.yaml").write_text(PARAMS)
    with (
        run.started(),
        pytest.raises(PolyglotError, match="Another run of this workspace"),
        run.started(profile="nsmc", overrides=["pretrain.steps=1"]),
    ):
        pass
    assert (project / "params.yaml").read_text() == PARAMS


def test_a_cancelled_stage_has_its_grace_though_dvc_dies_at_once(project):
    (project / "infra/launch/local.yaml").write_text(
        "{workers: 1, processes: 1, grace: 30, patience: 60}"
    )
    (project / "params.yaml").write_text(PARAMS)
    (project / "rank.py").write_text(
        "import signal, time\n"
        "def save(*_):\n"
        "    time.sleep(8)\n"  # longer than any grace that was not asked for
        "    open('saved', 'w').close()\n"
        "    raise SystemExit(143)\n"
        "signal.signal(signal.SIGTERM, save)\n"
        "open('at_work', 'w').close()\n"
        "time.sleep(60)\n"
    )
    (project / "stage.py").write_text(
        "from runtime import launch, stage\nstage.run('report', lambda s: launch.ranks('rank', []))"
    )
    write_graph(project, f"{sys.executable} stage.py")

    def cancel_when_running():
        if (project / "at_work").exists():
            raise KeyboardInterrupt

    bring("first")
    with pytest.raises(KeyboardInterrupt):
        bring("report", watch=cancel_when_running)
    assert (project / "saved").exists()
    assert '"KILLED"' in (project / ".polyglot/spool/r/report/events.jsonl").read_text()


def test_a_restored_result_does_not_show_another_runs_figure(project):
    bring_all()
    (project / "in.txt").write_text("2")
    bring_all()
    progress_file("first").parent.mkdir(parents=True)
    Progress(progress_file("first")).headline("2 documents")
    (project / "in.txt").write_text("1")
    outcome = bring("first")
    assert (outcome.state, outcome.headline) == (CACHED, "")


def test_the_state_of_a_stage_is_told(project):
    assert Pipeline().state("first") == "missing"
    bring_all()
    assert Pipeline().state("first") == "up to date"
    (project / "in.txt").write_text("2")
    assert Pipeline().state("first") == "changed"


def test_a_killed_runner_leaves_no_stage_behind(project):
    code = "from runtime import stage; import time; stage.run('report', lambda s: time.sleep(60))"
    (project / "params.yaml").write_text(PARAMS)
    (project / "stage.py").write_text(code)
    write_graph(project, f"{sys.executable} stage.py")
    runner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from flows.pipeline import *; p = Pipeline()\n"
            "[run_stage(p, stage, run='r') for stage in p.stages]",
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    group = wait_for_stage(project)
    runner.send_signal(signal.SIGKILL)
    runner.wait()
    _, alive = psutil.wait_procs(group, timeout=20)
    for process in alive:
        process.kill()
    assert [process.cmdline() for process in alive] == []


def wait_for_stage(project) -> list[psutil.Process]:
    """DVC's process and all below it, once the stage has written its spool."""
    deadline = time.monotonic() + 30
    while not list(project.glob(".polyglot/spool/r/report/events.jsonl")):
        assert time.monotonic() < deadline, "the stage did not start"
        time.sleep(0.1)
    found = psutil.process_iter(["cmdline", "cwd"])  # None for what has just ended
    mine = [
        p
        for p in found
        if p.info["cwd"] == str(project) and "flows.reproducer" in (p.info["cmdline"] or [])
    ]
    return [*mine, *(child for process in mine for child in process.children(recursive=True))]


def test_the_log_of_a_stage_is_kept(project):
    bring_all()
    assert "Running stage 'first'" in pipeline.log_file("first").read_text()


def test_the_log_of_a_stage_that_need_not_run_is_kept_though_another_ran(project):
    lines = GRAPH.replace("cat in.txt >", "wc -l < in.txt >")
    (project / "dvc.yaml").write_text(lines.format(command="cat first.txt > report.txt"))
    bring_all()
    before = pipeline.log_file("report").read_text()
    assert "Running stage 'report'" in before
    (project / "in.txt").write_text("2")  # as many lines
    assert bring_all() == {"first": RAN, "report": CACHED}
    assert pipeline.log_file("report").read_text() == before


def test_only_a_forced_stage_begins_anew(project):
    write_graph(project, "echo fresh=$POLYGLOT_FRESH; cat first.txt > report.txt")
    with closing(Pipeline()) as graph:
        for force, says in ((True, "fresh=1"), (False, "fresh=\n"), (True, "fresh=1")):
            (project / "in.txt").write_text(f"{force} {says}")
            for stage in graph.stages:
                run_stage(graph, stage, run="r", force=force)
            assert says in pipeline.log_file("report").read_text()


def test_a_dvc_that_is_killed_is_trouble_outside_and_another_takes_its_place(project):
    write_graph(project, "sleep 61")

    def kill_when_running():
        for sleeper in sleepers(project):
            for process in sleeper.parents():
                if "flows.reproducer" in process.cmdline():
                    process.kill()

    with closing(Pipeline()) as graph:
        run_stage(graph, "first", run="r")
        with pytest.raises(StageFailed) as raised:
            run_stage(graph, "report", run="r", watch=kill_when_running)
        assert raised.value.temporary
        for sleeper in sleepers(project):  # a stage of ours would look for its owner and end itself
            sleeper.kill()
        write_graph(project, "cat first.txt > report.txt")
        assert run_stage(graph, "report", run="r").state == RAN
