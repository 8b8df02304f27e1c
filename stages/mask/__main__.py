"""``python -m stages.mask``: personal numbers replaced by tokens, and a page that tells of it."""

from runtime import files, params, paths, stage
from stages.mask import MaskParams, mask_documents, report


def main(stage_: stage.Stage) -> None:
    values = params.load("mask", MaskParams)
    mask_documents(values, stage_.progress)
    files.write_text(paths.MASKING_REPORT, report.render(report.gather(values)))
    stage_.tracker.ledger(paths.MASK / "ledger.json")
    stage_.tracker.artifact(paths.MASKING_REPORT)


if __name__ == "__main__":
    stage.run("mask", main)
