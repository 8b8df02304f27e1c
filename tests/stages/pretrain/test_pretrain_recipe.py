"""The schedule, and values that no training can have."""

from typing import Any

import pytest
from omegaconf import OmegaConf
from pretrain_project import PARAMS

from runtime.errors import PolyglotError
from runtime.params import typed
from stages.pretrain.params import PretrainParams, accumulation, check
from stages.pretrain.recipe import learning_rate


def params(**changed: Any) -> PretrainParams:
    values = OmegaConf.merge(PARAMS, changed)
    return typed("pretrain", values, PretrainParams)


def test_the_learning_rate_rises_and_falls() -> None:
    what = params(steps=1000, warmup_share=0.01, lr=2e-4, min_lr=2e-5)
    rates = [learning_rate(step, what) for step in range(1000)]
    assert rates[0] == pytest.approx(2e-5)
    assert max(rates) == rates[9] == pytest.approx(2e-4)
    assert rates[:10] == sorted(rates[:10])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[504] == pytest.approx((2e-4 + 2e-5) / 2, rel=1e-6)
    assert rates[-1] == pytest.approx(2e-5)


def test_wsd_stays_at_the_top_until_it_decays() -> None:
    what = params(
        steps=1000, schedule="wsd", warmup_share=0.01, decay_share=0.2, lr=2e-4, min_lr=2e-5
    )
    rates = [learning_rate(step, what) for step in range(1000)]
    assert rates[:10] == sorted(rates[:10])
    assert set(rates[9:800]) == {2e-4}
    assert rates[800:] == sorted(rates[800:], reverse=True)
    assert rates[849] == pytest.approx((2e-4 + 2e-5) / 2)  # 1 - sqrt(50 / 200)
    assert rates[-1] == pytest.approx(2e-5)


def test_training_without_warm_up_begins_at_the_top() -> None:
    assert learning_rate(0, params(steps=100_000, warmup_share=0.0)) == pytest.approx(3e-3)


@pytest.mark.parametrize(
    "changed, named",
    [
        ({"steps": 0}, "pretrain.steps"),
        ({"lr": -1.0}, "pretrain.lr"),
        ({"dtype": "float8"}, "pretrain.dtype"),
        ({"betas": [0.9]}, "pretrain.betas"),
        ({"warmup_share": 1.0}, "pretrain.warmup_share"),
        ({"schedule": "linear"}, "pretrain.schedule"),
        ({"decay_share": 0.95}, "pretrain.decay_share"),
        ({"model": {"layers": 0}}, "pretrain.model.layers"),
        ({"model": {"heads": 5}}, "pretrain.model.hidden_size"),
        ({"model": {"rotary_pct": 0.0}}, "pretrain.model.rotary_pct"),
        ({"model": {"rotary_pct": 0.2}}, "pretrain.model.rotary_pct"),
        ({"checkpoints": {"every": 0}}, "pretrain.checkpoints.every"),
        ({"checkpoints": {"max_gb": 0.0}}, "pretrain.checkpoints.max_gb"),
        ({"anomalies": {"spike": 1.0}}, "pretrain.anomalies.spike"),
        ({"anomalies": {"action": "pray"}}, "pretrain.anomalies.action"),
        ({"speed": {"attention": "magic"}}, "pretrain.speed.attention"),
        ({"speed": {"recompute_layers": 3}}, "pretrain.speed.recompute_layers"),
        ({"speed": {"loss_chunk": 0}}, "pretrain.speed.loss_chunk"),
    ],
)
def test_impossible_values_are_refused_by_name(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(PolyglotError, match=named):
        check(params(**changed))


def test_the_global_batch_is_dealt_evenly_or_refused() -> None:
    assert accumulation(params(global_batch=24, micro_batch=2), world_size=3) == 4
    with pytest.raises(PolyglotError, match=r"multiple of micro_batch 2 times 3 .* try 12"):
        accumulation(params(global_batch=8, micro_batch=2), world_size=3)
