"""Write reports/index.html: ``python -m stages.report``."""

from runtime import files, params, paths, stage
from stages.report import ReportParams, gather, render


def main(stage_: stage.Stage) -> None:
    facts = gather(params.load("report", ReportParams).title)
    files.write_text(paths.REPORT, render(facts))
    stage_.tracker.artifact(paths.REPORT)
    stage_.progress.headline(str(paths.REPORT))


if __name__ == "__main__":
    stage.run("report", main)
