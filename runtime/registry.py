"""Models by their names in MLflow's registry, such as ``models:/name@alias``."""

from pathlib import Path
from typing import Any

from runtime import delivery, files, paths
from runtime.errors import PolyglotError

REGISTRY = "models:/"
RESULTS = "kobest.json"  # the scores, beside the weights of every released model


def local(name: str) -> str:
    """The folder of a registered model, fetched into .polyglot/models; any other name as it is.

    Raises:
        PolyglotError: there is no such model, or MLflow did not give it.
    """
    if not name.startswith(REGISTRY):
        return name
    if delivery.nothing_recorded():
        raise PolyglotError(
            f"The model {name} cannot be fetched: there is nothing at {delivery.shown_uri()}; "
            "start in the project, or set MLFLOW_TRACKING_URI."
        )
    try:
        return _fetched(name, "models")
    except Exception as error:  # MLflow raises whatever its stores and transports raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise PolyglotError(f"The model {name} cannot be fetched: {reason}") from None


def client() -> Any:
    """MLflow's client, which gives a server up soon that does not answer."""
    delivery.short_silence()
    from mlflow import MlflowClient  # slow to import, and seldom needed

    return MlflowClient(delivery.tracking_uri())


def by_alias(name: str, alias: str) -> Any | None:
    """The version of a model that has the alias, None if there is no such model or alias.

    Raises:
        mlflow.exceptions.MlflowException: MLflow does not answer.
    """
    if delivery.nothing_recorded():
        return None
    asked = client()
    from mlflow.exceptions import MlflowException

    try:
        return asked.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        # No such model, or no such alias of it.
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise


def results(name: str, version: str) -> dict[str, Any]:
    """What evaluate found of a registered model.

    Raises:
        mlflow.exceptions.MlflowException, OSError: MLflow does not answer, or has no scores of it.
    """
    found = _fetched(f"{REGISTRY}{name}/{version}/{RESULTS}", f"compared/{name}/{version}")
    return files.read_json(Path(found))


def _fetched(uri: str, folder: str) -> str:
    delivery.short_silence()
    import mlflow

    target = paths.STATE / folder
    target.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(delivery.tracking_uri())
    return mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(target))
