"""``python -m stages.mask``: personal numbers replaced by tokens."""

from runtime import params, paths, stage
from stages.mask import MaskParams, mask_documents


def main(stage_: stage.Stage) -> None:
    mask_documents(params.load("mask", MaskParams), stage_.progress)
    stage_.tracker.ledger(paths.MASK / "ledger.json")


if __name__ == "__main__":
    stage.run("mask", main)
