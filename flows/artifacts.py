"""What Prefect shows of a run beside its log: stages, gates, KOBEST, and where the rest is."""

from typing import Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from flows.record import kobest_rows
from flows.run import Run
from flows.view import gate_result
from runtime import files, paths


def publish(run: Run) -> None:
    """Make the artifacts of a run that has ended, well or not."""
    brought = [outcome.stage for outcome in run.outcomes]
    create_table_artifact(key="stages", table=_stages(run), description=f"Run {run.name}")
    gates = [stage for stage in [*brought, *_stopped(run)] if stage.startswith("gate@")]
    for gate in (stage.removeprefix("gate@") for stage in gates):
        result = paths.GATES / f"{gate}.json"
        if result.exists():
            checks = [_check(check) for check in files.read_json(result)["expectations"]]
            create_table_artifact(key=f"gate-{gate}", table=checks, description=f"Gate {gate}")
    if "evaluate" in brought:
        publish_kobest(files.read_json(paths.EVALUATE / "metrics.json"), f"Run {run.name}")
    if page := run.record.page():
        create_link_artifact(key="mlflow", link=page, link_text="This run in MLflow")
        if "report" in brought:
            link = f"{page}/artifacts/{paths.REPORT.name}"
            create_link_artifact(key="report", link=link, link_text="The report, in MLflow")
    elif "report" in brought:
        create_markdown_artifact(key="report", markdown=f"The report: `{paths.REPORT.resolve()}`")


def publish_kobest(scores: dict[str, dict[str, float]], of: str) -> None:
    """Make the table of macro F1 scores, as {task: {shots: F1}}."""
    create_table_artifact(key="kobest", table=kobest_rows(scores), description=of)


def _stages(run: Run) -> list[dict[str, Any]]:
    rows = [
        {
            "stage": outcome.stage,
            "state": outcome.state,
            "seconds": round(outcome.seconds, 1),
            "gate": gate_result(outcome.stage),
            "figure": outcome.headline,
        }
        for outcome in run.outcomes
    ]
    for stage in _stopped(run):
        told = {"gate": gate_result(stage), "figure": str(run.failed)}
        rows.append({"stage": stage, "state": "failed", "seconds": None, **told})
    return rows


def _stopped(run: Run) -> list[str]:
    return [run.failed.stage] if run.failed else []


def _check(check: dict[str, Any]) -> dict[str, str]:
    words = {name: check[name] for name in ("about", "expected", "seen")}
    return {"": "passed" if check["passed"] else "FAILED", **words}
