"""Figures in a table, expectations on its columns, and the verdict in words.

Great Expectations decides; the words come from here, because its own results come in another
order than the suite and would show the values that failed. Importing it takes seconds.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

from stages.gate import result
from stages.gate.result import ExpectationResult, GateResult

SUMMARY = {"result_format": "SUMMARY", "partial_unexpected_count": 0}  # without offending values


@dataclass(frozen=True)
class Check:
    """An expectation, and how to speak of it."""

    expectation: gxe.Expectation
    about: str  # the figure, as the subject of a sentence
    expected: str
    seen: Callable[[pd.DataFrame], str]
    advice: str  # what to do if it fails, as a clause


@dataclass(frozen=True)
class Table:
    """Figures of one kind: a row per source, shard or task, named by the index."""

    name: str
    figures: pd.DataFrame
    checks: list[Check]


def at_most(column: str, limit: float, about: str, advice: str) -> Check:
    """The largest value of ``column`` is ``limit`` or less."""
    expectation = gxe.ExpectColumnMaxToBeBetween(column=column, max_value=limit)
    return Check(
        expectation, about, f"at most {number(limit)}", partial(_extreme, column, "idxmax"), advice
    )


def at_most_each(column: str, limits: str, about: str, expected: str, advice: str) -> Check:
    """In every row, ``column`` is the value of the column ``limits`` or less."""
    expectation = gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=limits, column_B=column, or_equal=True
    )
    return Check(expectation, about, expected, partial(_nearest, column, limits), advice)


def at_least_each(column: str, limits: str, about: str, expected: str, advice: str) -> Check:
    """In every row, ``column`` is the value of the column ``limits`` or more."""
    expectation = gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=column, column_B=limits, or_equal=True
    )
    return Check(expectation, about, expected, partial(_lowest, column, limits), advice)


def at_least(column: str, limit: float, about: str, advice: str) -> Check:
    """The smallest value of ``column`` is ``limit`` or more."""
    expectation = gxe.ExpectColumnMinToBeBetween(column=column, min_value=limit)
    return Check(
        expectation, about, f"at least {number(limit)}", partial(_extreme, column, "idxmin"), advice
    )


def within(column: str, low: float, high: float, about: str, advice: str) -> Check:
    """The one value of ``column`` lies in [``low``, ``high``]."""
    expectation = gxe.ExpectColumnMaxToBeBetween(column=column, min_value=low, max_value=high)
    expected = f"from {number(low)} to {number(high)}"
    return Check(expectation, about, expected, partial(_extreme, column, "idxmax"), advice)


def best_at_least(column: str, limit: float, about: str, advice: str) -> Check:
    """The largest value of ``column`` is ``limit`` or more."""
    expectation = gxe.ExpectColumnMaxToBeBetween(column=column, min_value=limit)
    expected = f"at least {number(limit)}"
    return Check(expectation, about, expected, partial(_extreme, column, "idxmax"), advice)


def below(column: str, limit: float, about: str, advice: str) -> Check:
    """The largest value of ``column`` is less than ``limit``."""
    expectation = gxe.ExpectColumnMaxToBeBetween(column=column, max_value=limit, strict_max=True)
    return Check(
        expectation, about, f"below {number(limit)}", partial(_extreme, column, "idxmax"), advice
    )


def sum_at_most(column: str, limit: float, about: str, advice: str) -> Check:
    """The values of ``column`` add up to ``limit`` or less."""
    expectation = gxe.ExpectColumnSumToBeBetween(column=column, max_value=limit)
    return Check(expectation, about, f"at most {number(limit)}", partial(_sum, column), advice)


def sum_at_least(column: str, limit: float, about: str, advice: str) -> Check:
    """The values of ``column`` add up to ``limit`` or more."""
    expectation = gxe.ExpectColumnSumToBeBetween(column=column, min_value=limit)
    return Check(expectation, about, f"at least {number(limit)}", partial(_sum, column), advice)


def equal(left: str, right: str, about: str, expected: str, advice: str) -> Check:
    """``left`` equals ``right`` in every row that has both."""
    expectation = gxe.ExpectColumnPairValuesToBeEqual(
        column_A=left, column_B=right, ignore_row_if="either_value_is_missing"
    )
    return Check(expectation, about, expected, partial(_difference, left, right), advice)


def contains(column: str, values: list[str], about: str, advice: str) -> Check:
    """Every one of ``values`` occurs in ``column``."""
    expectation = gxe.ExpectColumnDistinctValuesToContainSet(column=column, value_set=values)
    return Check(expectation, about, ", ".join(values), partial(_missing, column, values), advice)


def judge(gate: str, tables: Iterable[Table]) -> GateResult:
    """Validate every table and put the verdict into words."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("figures")
    found: list[ExpectationResult] = []
    failures: list[str] = []
    for table in tables:
        for check, passed in zip(table.checks, _validate(source, table), strict=True):
            name = type(check.expectation).__name__
            seen = check.seen(table.figures)
            found.append(ExpectationResult(name, check.about, check.expected, seen, passed))
            if not passed:
                failures.append(
                    f"{name} expected {check.about} to be {check.expected}, "
                    f"but saw {seen}; {check.advice}"
                )
    return GateResult(gate, not failures, found, sentence(gate, failures))


def sentence(gate: str, failures: list[str]) -> str | None:
    """One sentence for the first failure, which is often the cause of the others."""
    if not failures:
        return None
    others = len(failures) - 1
    more = f" ({others} more in {result.path(gate)})" if others else ""
    return f"Gate {gate} failed: {failures[0]}{more}."


def _validate(source, table: Table) -> list[bool]:  # type: ignore[no-untyped-def]
    """Whether each check of ``table`` holds, in the order of the checks."""
    for position, check in enumerate(table.checks):
        check.expectation.meta = {"position": position}
    suite = gx.ExpectationSuite(name=table.name, expectations=[c.expectation for c in table.checks])
    asset = source.add_dataframe_asset(table.name)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch(
        {"dataframe": table.figures}
    )
    outcome = batch.validate(suite, result_format=SUMMARY)
    passed = {r.expectation_config.meta["position"]: bool(r.success) for r in outcome.results}
    return [passed[position] for position in range(len(table.checks))]


def number(value: float) -> str:
    """A figure as it is read: 1,234 or 0.05."""
    whole = float(value).is_integer() or abs(value) >= 1000
    return f"{value:,.0f}" if whole else f"{value:,.4g}"


def _extreme(column: str, which: str, figures: pd.DataFrame) -> str:
    """The largest ("idxmax") or smallest ("idxmin") value, and its row where rows differ."""
    values = figures[column].astype(float).dropna()
    if values.empty:
        return "no figure"
    place = getattr(values, which)()
    where = f" ({place})" if values.nunique() > 1 else ""
    return number(values[place]) + where


def _nearest(column: str, limits: str, figures: pd.DataFrame) -> str:
    """The row that exceeds its limit the most, or keeps within it by the least."""
    place = (figures[column] - figures[limits]).idxmax()
    value, limit = figures.loc[place, [column, limits]]
    return f"{number(value)} where {number(limit)} is allowed ({place})"


def _lowest(column: str, limits: str, figures: pd.DataFrame) -> str:
    """The row that is below its limit by the most, or above it by the least."""
    place = (figures[column] - figures[limits]).idxmin()
    value, limit = figures.loc[place, [column, limits]]
    return f"{number(value)} where {number(limit)} is due ({place})"


def _sum(column: str, figures: pd.DataFrame) -> str:
    return number(figures[column].sum())


def _difference(left: str, right: str, figures: pd.DataFrame) -> str:
    """The first row in which the two differ, and in how many they do."""
    rows = figures[[left, right]].dropna()
    unequal = rows[rows[left] != rows[right]]
    if unequal.empty:
        return "equal"
    one, other = (v[:12] if isinstance(v, str) else number(v) for v in unequal.iloc[0])
    more = f" and {len(unequal) - 1} more" if len(unequal) > 1 else ""
    return f"{one} against {other} ({unequal.index[0]}{more})"


def _missing(column: str, values: list[str], figures: pd.DataFrame) -> str:
    missing = [value for value in values if value not in set(figures[column])]
    return f"without {', '.join(missing)}" if missing else "all of them"
