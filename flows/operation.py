"""The commands of ``polyglot`` on services: MLflow, Prefect's server, and the worker."""

from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console

from flows import project
from runtime.errors import PolyglotError

app = typer.Typer()


@app.command()
def up(
    only: Annotated[
        list[str] | None, typer.Option(help="mlflow, prefect or worker; none: all of them.")
    ] = None,
) -> None:
    """Start MLflow, Prefect and a worker on this machine; Ctrl-C stops all of them."""
    from flows import services
    from flows import up as flow

    project.enter()
    flow.up(services.settings(), _services(only or list(services.NAMES)), Console())


@app.command()
def serve(service: Annotated[str, typer.Argument(help="mlflow, prefect or worker.")]) -> None:
    """Become one of the services, for a supervisor such as systemd."""
    from flows import services
    from flows import up as flow

    project.enter()
    flow.serve(services.settings(), *_services([service]))


@app.command()
def deploy() -> None:
    """Tell Prefect's server the deployments and automations of this project."""
    from flows import services
    from flows import up as flow

    project.enter()
    flow.deploy(services.settings())


def _services(names: list[str]) -> list[str]:
    from flows.services import NAMES

    if unknown := [name for name in names if name not in NAMES]:
        raise PolyglotError(f"There is no service {unknown[0]!r}: {', '.join(NAMES)}.")
    return [name for name in NAMES if name in names]


@app.command()
def sync() -> None:
    """Send the records that MLflow has not taken yet."""
    from flows import registry
    from flows.run import Busy, alone
    from runtime import params
    from runtime.delivery import deliver, shown_uri, waiting
    from runtime.tracking import close_abandoned

    project.enter()
    with suppress(Busy), alone():
        close_abandoned()
    try:
        sent = deliver()
    except Exception as error:  # MLflow raises many kinds; all mean: not now
        raise PolyglotError(
            f"MLflow at {shown_uri()} did not take the records ({type(error).__name__}): "
            f"{len(waiting())} wait, try again when it answers."
        ) from None
    Console().print(f"{sent} records sent, {len(waiting())} wait.")
    profile = params.read().get("profile")
    if profile and not registry.by_hand():
        with registry.told(registry.name_of(profile)):
            verdict = registry.settle(registry.name_of(profile))
        if verdict:
            Console().print(verdict)
