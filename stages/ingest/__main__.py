"""``python -m stages.ingest``: raw files into documents."""

from runtime import params, paths, stage
from stages.ingest import CorpusParams, ingest


def main(stage_: stage.Stage) -> None:
    ingest(params.load("corpus", CorpusParams), stage_.progress)
    stage_.tracker.ledger(paths.INGEST / "ledger.json")


if __name__ == "__main__":
    stage.run("ingest", main, section="corpus")
