"""The stage export: ``python -m stages.export``."""

from runtime import params, paths, stage
from stages.export.export import export
from stages.export.params import ExportParams


def main(running: stage.Stage) -> None:
    what = params.load(running.name, ExportParams)
    summary = export(what, paths.PRETRAIN, paths.TOKENIZER, paths.TOKENIZER_CARD, paths.MODEL)
    running.progress.headline(summary)


if __name__ == "__main__":
    stage.run("export", main)
