"""The Prefect flow ``polyglot``: one task for each DVC stage, in the graph's order."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from prefect import flow, get_client, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext, TaskRunContext
from prefect.states import Cancelled, Completed, Failed, State

from flows import artifacts, workspaces
from flows.follow import Follower
from flows.pipeline import CACHED, StageFailed
from flows.retrain import NothingNew
from flows.run import Busy, Run, started
from runtime.errors import PolyglotError
from runtime.ownership import end_with_worker

ROOT = Path(__file__).resolve().parent.parent
RETRY_DELAYS: list[float] = [30, 120, 600]  # seconds, after trouble outside


@flow(name="polyglot", log_prints=True)
def polyglot(
    profile: str | None = None,
    overrides: list[str] | None = None,
    target: str = "report",
    force: bool = False,
    retrain: bool = False,
    workspace: str | None = None,
) -> State:
    """Bring the pipeline up to date.

    Args:
        profile: The profile to put in force, such as smoke or 1.3b (a file of conf/profile); none
            keeps params.yaml.
        overrides: Parameters as key=value, such as corpus.root=/data/corpora.
        target: The last stage to run: any of dvc.yaml, such as gate@tokens.
        force: Run every stage, whether up to date or not.
        retrain: Continue from the registered champion, with its tokenizer, if the corpus has
            changed since it was trained; else do nothing.
        workspace: A git worktree of its own below workspaces/, made if it is not there, whose run
            may go beside others; none is the project's own folder.
    """
    os.chdir(ROOT)
    end_with_worker()
    logger = get_run_logger()
    run: Run | None = None
    try:
        workspaces.enter(workspace)
        with started(target, profile, overrides or [], retrain) as run:
            _rename(run.name)
            for stage in run.pipeline.stages:
                named = _stage.with_options(name=stage, task_run_name=stage)
                state = named(run, stage, force, return_state=True)
                if state.is_failed():
                    raise run.failed or PolyglotError(f"Stage {stage}: {state.message}")
    except Busy as error:
        return Cancelled(message=str(error))
    except NothingNew as error:
        logger.info(str(error))
        return Completed(name="NothingNew", message=str(error))
    except StageFailed as error:
        if run:
            artifacts.publish(run)
        return _failed(error)
    artifacts.publish(run)
    if run.verdict:
        logger.info(run.verdict)
    if all(outcome.state == CACHED for outcome in run.outcomes):
        return Completed(name="Cached", message="Everything is up to date.")
    return Completed(message=run.verdict or "All gates passed.")


def _rename(name: str) -> None:
    """The flow run has the name of the run in MLflow; a server that is away may keep its own."""
    context = FlowRunContext.get()
    with suppress(Exception), get_client(sync_client=True) as client:
        assert context and context.flow_run
        client.update_flow_run(context.flow_run.id, name=name)


def _outside(task: Any, task_run: Any, state: State) -> bool:
    """Whether another try may do: a gate's refusal, and bad data, stay what they are."""
    error = state.data
    return isinstance(error, StageFailed) and error.temporary


@task(
    cache_policy=NO_CACHE,
    retries=len(RETRY_DELAYS),
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=_outside,
)
def _stage(run: Run, stage: str, force: bool) -> State:
    logger = get_run_logger()
    follower = Follower(stage, logger.info)
    try:
        outcome = run.bring(stage, force=force, watch=follower.look)
    except StageFailed as error:
        follower.end()
        if error.temporary and _tries() <= len(RETRY_DELAYS):
            logger.warning("%s: trouble outside: %s", stage, error)
            raise
        return _failed(error)
    if outcome.state == CACHED:
        return Completed(name="Cached", message=outcome.headline or None)
    follower.end()
    return Completed(name="Ran", message=outcome.headline or None)


def _tries() -> int:
    context = TaskRunContext.get()
    return context.task_run.run_count if context else 1


def _failed(error: StageFailed) -> State:
    """A state whose name says what failed, and whose message is the stage's sentence."""
    if error.temporary:
        name = "InfrastructureFailed"
    else:
        name = "GateFailed" if error.stage.startswith("gate@") else "Failed"
    return Failed(name=name, message=f"{error.stage}: {error}", data=error)


if __name__ == "__main__":
    polyglot()
