"""``python -m stages.mask``: personal numbers replaced by tokens."""

from runtime import paths, stage
from stages.mask import mask_documents


def main(stage_: stage.Stage) -> None:
    mask_documents(stage_.progress)
    stage_.tracker.ledger(paths.MASK / "ledger.json")


if __name__ == "__main__":
    stage.run("mask", main)
