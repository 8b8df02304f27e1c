"""``python -m stages.clean``: documents tidied, those that are no Korean text dropped."""

from runtime import params, paths, stage
from stages.clean import CleanParams, clean


def main(stage_: stage.Stage) -> None:
    clean(params.load("clean", CleanParams), stage_.progress)
    stage_.tracker.ledger(paths.CLEAN / "ledger.json")


if __name__ == "__main__":
    stage.run("clean", main)
