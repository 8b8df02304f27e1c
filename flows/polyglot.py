"""The Prefect flow ``polyglot``: one task for each DVC stage, in the graph's order."""

import os
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed, State

from flows.pipeline import CACHED
from flows.run import Run, started
from flows.view import gate_result
from runtime import paths

ROOT = Path(__file__).resolve().parent.parent


@flow(name="polyglot", log_prints=True)
def polyglot(
    profile: str | None = None,
    overrides: list[str] | None = None,
    target: str = "report",
    force: bool = False,
) -> None:
    """Bring the pipeline up to date.

    Args:
        profile: The profile to put in force, such as smoke or 1.3b; none keeps params.yaml.
        overrides: Parameters as key=value, such as corpus.root=/data/corpora.
        target: The last stage to run.
        force: Run every stage, whether up to date or not.
    """
    os.chdir(ROOT)
    with started(target, profile, overrides or []) as run:
        for stage in run.pipeline.stages:
            _stage.with_options(name=stage, task_run_name=stage)(run, stage, force)
        create_table_artifact(
            key="stages",
            table=[
                {
                    "stage": outcome.stage,
                    "state": outcome.state,
                    "seconds": round(outcome.seconds, 1),
                    "gate": gate_result(outcome.stage),
                    "figure": outcome.headline,
                }
                for outcome in run.outcomes
            ],
            description=f"Run {run.name}; the report is {paths.REPORT.resolve()}",
        )
    if run.verdict:
        get_run_logger().info(run.verdict)


@task(cache_policy=NO_CACHE)
def _stage(run: Run, stage: str, force: bool) -> State:
    outcome = run.bring(stage, force=force)
    get_run_logger().info("%s: %s %s", stage, outcome.state, outcome.headline)
    name = "Cached" if outcome.state == CACHED else "Completed"
    return Completed(name=name, message=outcome.headline or outcome.state)


if __name__ == "__main__":
    polyglot()
