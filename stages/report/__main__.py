"""``python -m stages.report`` writes reports/; ``python -m stages.report release`` data/release."""

import sys

from runtime import files, params, paths, stage
from stages.report import ReportParams, figures, gather, render, summary
from stages.report.release import release


def report(stage_: stage.Stage) -> None:
    """Write the page, its figures and the run's summary, and remember the run."""
    this_run = summary.of_this_run()
    facts = gather(params.load("report", ReportParams).title, this_run)
    files.write_text(paths.REPORT, render(facts))
    figures.write(facts, paths.FIGURES)
    files.write_json(paths.SUMMARY, this_run)
    summary.keep(this_run)
    stage_.tracker.artifact(paths.REPORT)
    stage_.progress.headline(str(paths.REPORT))


def model(stage_: stage.Stage) -> None:
    """Write the folder to give away."""
    release(paths.MODEL, paths.RELEASE)
    stage_.tracker.artifact(paths.RELEASE / "README.md")
    stage_.progress.headline(str(paths.RELEASE))


BODIES = {"report": report, "release": model}

if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else "report"
    if name not in BODIES:
        sys.exit(f"There is no {name!r} here: {' or '.join(BODIES)}.")
    stage.run(name, BODIES[name])
