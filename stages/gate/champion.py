"""The scores of the model that is to be beaten, from MLflow's registry."""

from pathlib import Path
from typing import Any

from runtime import delivery, files, paths
from runtime.errors import PolyglotError

RESULTS = "kobest.json"  # beside the weights of every released model


def results(name: str) -> dict[str, Any] | None:
    """What evaluate found of the champion ``models:/name@alias``; None if there is no champion.

    Raises:
        PolyglotError: MLflow does not answer, or the registered model comes without its scores.
    """
    uri = delivery.tracking_uri()
    database = Path(uri.removeprefix("sqlite:///"))
    if uri.startswith("sqlite:///") and not database.exists():
        return None  # nothing was ever recorded, and making the database takes seconds
    delivery.short_silence()
    import mlflow
    from mlflow.exceptions import MlflowException

    mlflow.set_tracking_uri(uri)
    model, _, alias = name.removeprefix("models:/").partition("@")
    try:
        version = mlflow.MlflowClient().get_model_version_by_alias(model, alias)
    except MlflowException as error:
        if error.error_code in delivery.NO_SUCH_ALIAS:
            return None
        raise PolyglotError(
            f"The champion {name} cannot be asked for, because MLflow at {uri} does not answer: "
            "run evaluate's gate again when it does, or set gates.evaluation.champion=null."
        ) from None
    target = paths.STATE / "champion"
    target.mkdir(parents=True, exist_ok=True)
    try:
        found = mlflow.artifacts.download_artifacts(
            artifact_uri=f"models:/{model}/{version.version}/{RESULTS}", dst_path=str(target)
        )
    except (MlflowException, OSError):
        raise PolyglotError(
            f"The champion {name} has no {RESULTS} to compare with: register a folder that the "
            "stage release wrote, or set gates.evaluation.champion=null."
        ) from None
    return files.read_json(Path(found))
