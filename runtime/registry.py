"""Models by their names in MLflow's registry, such as ``models:/name@alias``."""

from runtime import delivery, paths
from runtime.errors import PolyglotError

REGISTRY = "models:/"


def local(name: str) -> str:
    """The folder of a registered model, fetched into .polyglot/models; any other name as it is.

    Raises:
        PolyglotError: there is no such model, or MLflow did not give it.
    """
    if not name.startswith(REGISTRY):
        return name
    import mlflow  # slow to import, and seldom needed

    target = paths.STATE / "models"
    target.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(delivery.tracking_uri())
    try:
        return mlflow.artifacts.download_artifacts(artifact_uri=name, dst_path=str(target))
    except Exception as error:  # MLflow raises whatever its stores and transports raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise PolyglotError(f"The model {name} cannot be fetched: {reason}") from None
