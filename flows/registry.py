"""Which version of a registered model is the champion: by its scores, or by hand.

A run that passes its gates registers its model as ``challenger`` (``runtime.delivery``). It becomes
``champion`` if its macro F1, in the mean over the scores that both have, is surely above the
champion's: if the 95% interval of the difference, by drawing the documents of both anew, excludes
zero. The first version has nothing to beat.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from runtime import delivery, params
from runtime.delivery import CHALLENGER
from runtime.errors import PolyglotError
from runtime.registry import by_alias, results
from runtime.registry import client as registry_client
from stages.evaluate import scores

CHAMPION = "champion"
BEFORE = "champion.before"  # tag of a model: former champions' versions, the last one last
JUDGED = "champion.judged"  # tag of a version: what came of the comparison
ASKED = ("prompts_hash", "data_hash", "limit")  # what must be equal for scores to be compared
BY = ("scores", "hand")


@dataclass
class RegistryParams:
    """The section ``registry`` of params.yaml."""

    champion: str  # who decides: scores, or hand, which is ``polyglot promote``


def name_of(profile: str) -> str:
    """The registered model of a profile."""
    return f"polyglot-ko-{profile}"


def check_policy(registry: RegistryParams) -> None:
    """Refuse anybody else to decide on the champion.

    Raises:
        PolyglotError: neither scores nor hand.
    """
    if registry.champion not in BY:
        raise PolyglotError(
            f"registry.champion is {registry.champion!r}: choose {' or '.join(BY)}."
        )


def by_hand() -> bool:
    """Whether people decide on the champion."""
    return params.load("registry", RegistryParams).champion == "hand"


def settle(name: str) -> str | None:
    """Compare a challenger that was not compared before; what came of it, None if there is none.

    Raises:
        mlflow.exceptions.MlflowException, OSError: MLflow does not answer.
    """
    challenger = by_alias(name, CHALLENGER)
    if challenger is None or JUDGED in challenger.tags:
        return None
    client = registry_client()
    champion = by_alias(name, CHAMPION)
    if champion is None:
        _crown(client, name, str(challenger.version))
        outcome = "champion: there was none"
    else:
        ours, theirs = (results(name, str(version.version)) for version in (challenger, champion))
        outcome = _judge(ours, theirs, str(champion.version))
        if outcome.startswith("champion"):
            _crown(client, name, str(challenger.version))
    client.set_model_version_tag(name, challenger.version, JUDGED, outcome)
    return f"{name} version {challenger.version} is {outcome}."


def _judge(ours: dict[str, Any], theirs: dict[str, Any], than: str) -> str:
    for key in ASKED:
        if ours[key] != theirs[key]:
            return f"no champion: it was evaluated otherwise than version {than} ({key})"
    low, mean, high = difference(ours["results"], theirs["results"])
    figure = f"{mean:+.4f} [{low:+.4f}, {high:+.4f}] in mean macro F1 to version {than}"
    return f"champion: {figure}" if low > 0 else f"no champion: {figure}"


def difference(
    ours: list[dict[str, Any]], theirs: list[dict[str, Any]]
) -> tuple[float, float, float]:
    """Lower end, mean and upper end of how far our mean macro F1 is above theirs.

    The shots of a task share its test documents, and therefore the random numbers; tasks and models
    are drawn apart.

    Raises:
        PolyglotError: there is no task at a number of shots that both have.
    """
    cells = [{(r["task"], r["shots"]): r for r in results} for results in (ours, theirs)]
    shared = [cell for cell in cells[0] if cell in cells[1]]
    if not shared:
        raise PolyglotError("The two models have no score in common.")
    tasks = list(dict.fromkeys(task for task, _ in shared))
    drawn, plain = [], []
    for model, of in enumerate(cells):
        matrices = {
            cell: of[cell].get("predictions_norm", of[cell]["predictions"]) for cell in shared
        }
        draws = [
            scores.macro_f1s(scores.resampled(matrix, seed=2 * tasks.index(task) + model))
            for (task, _), matrix in matrices.items()
        ]
        drawn.append(np.mean(draws, axis=0))
        plain.append(np.mean([scores.macro_f1(matrix) for matrix in matrices.values()]))
    low, high = np.percentile(drawn[0] - drawn[1], [2.5, 97.5])
    return float(low), float(plain[0] - plain[1]), float(high)


def promote(name: str, version: str) -> str:
    """Make a version the champion; a sentence about it.

    Raises:
        PolyglotError: there is no such version, or MLflow does not answer.
    """
    with told(name, version):
        client = registry_client()
        client.get_model_version(name, version)
        before = by_alias(name, CHAMPION)
        if before is not None and str(before.version) == version:
            return f"{name} version {version} is the champion already."
        _crown(client, name, version)
    was = f", in place of version {before.version}" if before is not None else ""
    return f"{name} version {version} is the champion now{was}."


def rollback(name: str) -> str:
    """Give the title back to the champion before; a sentence about it.

    Raises:
        PolyglotError: there was none, or MLflow does not answer.
    """
    with told(name):
        client = registry_client()
        former = _former(client, name)
        if not former:
            raise PolyglotError(f"{name} had no champion before: nothing was changed.")
        *left, version = former
        client.set_registered_model_alias(name, CHAMPION, version)
        client.set_registered_model_tag(name, BEFORE, ",".join(left))
    return f"{name} version {version} is the champion again."


def _crown(client: Any, name: str, version: str) -> None:
    before = by_alias(name, CHAMPION)
    if before is not None:
        former = [*_former(client, name), str(before.version)]
        client.set_registered_model_tag(name, BEFORE, ",".join(former))
    client.set_registered_model_alias(name, CHAMPION, version)


def _former(client: Any, name: str) -> list[str]:
    listed = client.get_registered_model(name).tags.get(BEFORE, "")
    return [version for version in listed.split(",") if version]


@contextmanager
def told(name: str, version: str = "") -> Iterator[None]:
    """What MLflow raises becomes a sentence."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
        what = f"{name} version {version}" if version else name
        raise PolyglotError(f"{what}: MLflow at {delivery.shown_uri()} says: {reason}.") from None
