"""What Prefect's server is told of this project: ``python -m flows.deployments``, safe to repeat.

The work pool, the deployments of prefect.yaml, and two automations: one ends runs that give no more
signs of life, because their machine or their worker is gone; the other tells the webhook of
``POLYGLOT_WEBHOOK``, if there is one, how runs ended.
"""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import CallWebhook, ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from pydantic import SecretStr

from flows.services import HEARTBEAT, POOL
from runtime.errors import PolyglotError

WEBHOOK = "POLYGLOT_WEBHOOK"  # environment: an address that takes JSON, such as a chat's; a secret
BLOCK = "polyglot"
SILENCE = timedelta(seconds=3 * HEARTBEAT)  # without a sign of life, and a run counts as dead
OURS: dict[str, str | list[str]] = {"prefect.resource.id": "prefect.flow-run.*"}
ENDED = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]
# As JSON: the name "text" is what Slack and Mattermost read. Values go through tojson, or a quote
# in a sentence would break it.
PAYLOAD = """{
 "text": {{ (flow.name ~ " " ~ flow_run.name ~ ": " ~ flow_run.state.name ~ ". "
             ~ (flow_run.state.message or "")) | tojson }},
 "flow": {{ flow.name | tojson }},
 "run": {{ flow_run.name | tojson }},
 "state": {{ flow_run.state.type.value | tojson }},
 "name": {{ flow_run.state.name | tojson }},
 "message": {{ (flow_run.state.message or "") | tojson }},
 "id": {{ (flow_run.id | string) | tojson }}
}"""


def apply() -> None:
    """Bring the server up to date.

    Raises:
        PolyglotError: Prefect's command line says why it did not work.
    """
    pool = _prefect("work-pool", "create", "--type", "process", POOL)
    if pool.returncode and "already exists" not in pool.stdout + pool.stderr:
        raise PolyglotError(f"The work pool {POOL} cannot be made: {_reason(pool)}")
    deployed = _prefect("deploy", "--all")
    if deployed.returncode:
        raise PolyglotError(f"The deployments cannot be made: {_reason(deployed)}")
    _put(ending_the_silent())
    if address := os.environ.get(WEBHOOK):
        block = Webhook(url=SecretStr(address)).save(BLOCK, overwrite=True)
        assert isinstance(block, UUID)
        _put(telling(block))
    else:
        _remove(telling(UUID(int=0)).name)


def ending_the_silent() -> AutomationCore:
    """A run that has given a sign of life, and then neither another nor its end, has crashed."""
    return AutomationCore(
        name="polyglot: end silent runs",
        description="Runs whose worker or machine is gone would be RUNNING for ever.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.*"},
            match=OURS,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[
            ChangeFlowRunState(
                name=None,
                state=StateType.CRASHED,
                force=False,
                message="No sign of life: its worker or its machine is gone. Start it again to go "
                "on where it was.",
            )
        ],
    )


def telling(block: UUID) -> AutomationCore:
    """The webhook ``block`` hears of every run that has ended, well or not."""
    return AutomationCore(
        name="polyglot: tell how runs end",
        description=f"Calls the webhook of {WEBHOOK}.",
        trigger=EventTrigger(
            expect={"prefect.flow-run.*"},
            match={**OURS, "prefect.state-type": ENDED},
            for_each={"prefect.resource.id"},
            posture=Posture.Reactive,
            threshold=1,
        ),
        actions=[CallWebhook(block_document_id=block, payload=PAYLOAD)],
    )


def _put(automation: AutomationCore) -> None:
    """Create it, or give the one of its name its content.

    One that is as it should be is left alone: to write it anew would forget the signs of life that
    it has seen, and runs that died with the server would be RUNNING for ever.
    """
    with get_client(sync_client=True) as client:
        known = client.read_automations_by_name(automation.name)
        if not known:
            client.create_automation(automation)
        elif _content(known[0]) != _content(automation):
            client.update_automation(known[0].id, automation)


def _content(automation: AutomationCore) -> dict[str, Any]:
    return automation.model_dump(mode="json", include=set(AutomationCore.model_fields))


def _remove(name: str) -> None:
    with get_client(sync_client=True) as client:
        for one in client.read_automations_by_name(name):
            client.delete_automation(one.id)


def _prefect(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "prefect", "--no-prompt", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1] if lines else f"code {done.returncode}"


if __name__ == "__main__":
    from runtime import stage

    sys.exit(stage.guard(apply))
