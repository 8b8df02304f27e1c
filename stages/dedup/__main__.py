"""``python -m stages.dedup``: every text once."""

from runtime import params, paths, stage
from stages.dedup import DedupParams, dedup


def main(stage_: stage.Stage) -> None:
    dedup(params.load("dedup", DedupParams), stage_.progress)
    stage_.tracker.ledger(paths.DEDUP / "ledger.json")


if __name__ == "__main__":
    stage.run("dedup", main)
