"""How fast a training's metrics are spooled, and that they reach MLflow in batches.

``python -m benchmarks.metrics_spool [--steps N]`` logs the steps of a training with the eight
figures that ours logs, in a folder of its own, then delivers them to a real server on loopback.
"""

import argparse
import os
import signal
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import write
from runtime.tracking import Tracker
from tests.integration.services import free_port, mlflow_server

FIGURES = 8  # a step: loss, gradient norm, learning rate, tokens/s and the like


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    steps = parser.parse_args().steps
    with tempfile.TemporaryDirectory() as name:
        spool = Path(name) / "spool"
        tracker = Tracker(spool / "benchmark" / "pretrain")
        tracker.start("pretrain")
        begun = time.perf_counter()
        for step in range(1, steps + 1):
            tracker.metrics({f"figure_{n}": n / step for n in range(FIGURES)}, step)
        spooled = time.perf_counter() - begun
        tracker.end("FINISHED")

        port = free_port()
        server = mlflow_server(Path(name), port)
        try:
            os.environ["MLFLOW_TRACKING_URI"] = f"http://127.0.0.1:{port}"
            from mlflow import MlflowClient

            from runtime import delivery

            requests: list[int] = []
            log_batch = MlflowClient.log_batch

            def counted(client, run_id, metrics=(), **more):
                requests.append(len(metrics))
                return log_batch(client, run_id, metrics=metrics, **more)

            MlflowClient.log_batch = counted  # type: ignore[method-assign]
            begun = time.perf_counter()
            delivery.deliver(spool)
            delivered = time.perf_counter() - begun
            client = MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
            experiment = client.get_experiment_by_name(delivery.EXPERIMENT)
            (run,) = client.search_runs([experiment.experiment_id])
            there = len(client.get_metric_history(run.info.run_id, "figure_0"))
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()
    figures = {
        "steps": steps,
        "figures_a_step": FIGURES,
        "steps_per_second_spooled": steps / spooled,
        "steps_per_second_delivered": steps / delivered,
        "requests": len(requests),
        "figures_a_request": max(requests),
        "steps_in_mlflow": there,
    }
    write("metrics_spool", f"python -m benchmarks.metrics_spool --steps {steps}", figures)


if __name__ == "__main__":
    main()
