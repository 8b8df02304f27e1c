import pytest
from mlflow import MlflowClient

from runtime import delivery
from runtime.tracking import PIPELINE, Tracker, close_abandoned


@pytest.fixture
def spool(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return tmp_path / ".polyglot/spool"


def runs(spool):
    client = MlflowClient(delivery.tracking_uri())
    experiment = client.get_experiment_by_name(delivery.EXPERIMENT)
    return client, {run.info.run_name: run for run in client.search_runs(experiment.experiment_id)}


@pytest.mark.slow
def test_a_pipeline_becomes_a_run_with_its_stages_below(spool, tmp_path):
    ledger = tmp_path / "ledger.json"
    ledger.write_text("{}")
    pipeline, stage = Tracker(spool / "r1" / PIPELINE), Tracker(spool / "r1" / "pretrain")
    pipeline.start("r1", {"profile": "smoke"})
    stage.start("pretrain")
    stage.params({"model": {"layers": 4}, "lr": 1e-3})
    for step in range(3):
        stage.metrics({"loss": 3.0 - step}, step)
    assert delivery.deliver() == 0  # nothing has ended yet
    ledger.write_text('{"later": 1}')
    stage.artifact(ledger, "ledgers")
    stage.metrics({"loss": 0.5}, 3)
    stage.end("FINISHED")
    pipeline.end("FINISHED")
    assert delivery.deliver() == 2
    assert delivery.waiting() == []

    client, found = runs(spool)
    below = found["pretrain"]
    assert below.data.tags["mlflow.parentRunId"] == found["r1"].info.run_id
    assert below.data.params == {"model.layers": "4", "lr": "0.001"}
    history = client.get_metric_history(below.info.run_id, "loss")
    assert [(m.step, m.value) for m in history] == [(0, 3.0), (1, 2.0), (2, 1.0), (3, 0.5)]
    assert [a.path for a in client.list_artifacts(below.info.run_id, "ledgers")] == [
        "ledgers/ledger.json"
    ]
    assert below.info.status == "FINISHED"


@pytest.mark.slow
def test_what_is_sent_twice_stands_there_once(spool):
    stage = Tracker(spool / "r2" / "clean")
    stage.start("clean")
    stage.metrics({"documents": 5.0}, 1)
    delivery.deliver()
    (spool / "r2/clean/delivered.json").unlink()  # killed before it noted how far it was
    stage.end("FINISHED")
    delivery.deliver()
    client, found = runs(spool)
    assert len(client.search_runs(found["clean"].info.experiment_id)) == 1
    assert len(client.get_metric_history(found["clean"].info.run_id, "documents")) == 1


def test_a_dead_server_keeps_everything_for_later(spool, monkeypatch):
    stage = Tracker(spool / "r3" / "clean")
    stage.start("clean")
    stage.end("FINISHED")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(Exception, match=r"127\.0\.0\.1"):
        delivery.deliver()
    assert [folder.name for folder in delivery.waiting()] == ["clean"]


def test_a_record_whose_process_died_is_ended_by_the_next_run(spool):
    Tracker(spool / "r4" / "clean").start("clean")
    close_abandoned(spool)
    close_abandoned(spool)
    events = (spool / "r4/clean/events.jsonl").read_text().splitlines()
    assert [line.count("KILLED") for line in events] == [0, 1]


def test_tracking_never_raises(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    tracker = Tracker(blocked / "r" / "stage")
    tracker.start("stage")
    tracker.metrics({"loss": 1.0})
    tracker.artifact(blocked)
