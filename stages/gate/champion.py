"""The scores of the model that is to be beaten, from MLflow's registry."""

from typing import Any

from runtime import delivery, registry
from runtime.errors import PolyglotError


def results(name: str) -> dict[str, Any] | None:
    """What evaluate found of the champion ``models:/name@alias``; None if there is no champion.

    Raises:
        PolyglotError: MLflow does not answer, or the registered model comes without its scores.
    """
    model, _, alias = name.removeprefix(registry.REGISTRY).partition("@")
    try:
        version = registry.by_alias(model, alias)
    except Exception as error:  # MLflow raises whatever its transports raise
        raise PolyglotError(
            f"The champion {name} cannot be asked for, because MLflow at {delivery.shown_uri()} "
            f"does not answer ({type(error).__name__}): run the gate again when it does, or set "
            "gates.evaluation.champion=null."
        ) from None
    if version is None:
        return None
    try:
        return registry.results(model, str(version.version))
    except Exception:  # the same
        raise PolyglotError(
            f"The champion {name} has no {registry.RESULTS} to compare with: register a folder "
            "that the stage release wrote, or set gates.evaluation.champion=null."
        ) from None
