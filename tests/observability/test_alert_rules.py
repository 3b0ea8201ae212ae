"""The alerts fire when they should, and not before: Prometheus itself evaluates them over time."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.observability.kit.promtool import find_promtool
from tests.observability.kit.watched import RULE_FILES, alerts

COMPOSE = 'job="ichor", instance="{0}:8001"'
ANNOTATIONS = 'job="kubernetes-pods", instance="10.0.0.7:8001"'
ENDED = "ichor_execution_duration_seconds_count"
ALL = ("trigger-api", "worker", "async-completer")
TEXTS = {rule["alert"]: rule for rule in alerts()}

Series = dict[str, str]
"""A series, and its values one minute after the other: `1x30 _x30` is gone in the second half."""


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Give the program."""
    found = find_promtool()
    if found is None:
        pytest.skip("promtool is neither installed nor to be had from apt")
    return found


def fires(
    promtool: Path,
    folder: Path,
    series: Series,
    minute: int,
    names: set[str],
    *,
    files: list[Path] = RULE_FILES,
) -> None:
    """Fail unless exactly the named alerts fire then."""
    test = {
        "rule_files": [str(file) for file in files],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": name, "values": values} for name, values in series.items()
                ],
                "promql_expr_test": [
                    {
                        "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                        "eval_time": f"{minute}m",
                        "exp_samples": [
                            {"labels": f'{{alertname="{name}"}}', "value": 1}
                            for name in sorted(names)
                        ],
                    }
                ],
            }
        ],
    }
    file = folder / "test.yaml"
    file.write_text(yaml.safe_dump(test))
    done = subprocess.run(
        [promtool, "test", "rules", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def running(how: str, *, without: str = "", values: str = "1x60") -> Series:
    """Return what Prometheus has of a healthy installation, one kind of process perhaps ending.

    Args:
        how: labels of a target.
        without: the kind that is not there for as long as the others.
        values: its values.
    """
    found: Series = {f"ichor_relay_waiting{{{how.format('trigger-api')}}}": "0x60"}
    for kind in ALL:
        labels = f'process="{kind}", {how.format(kind)}'
        found[f"ichor_build_info{{{labels}}}"] = values if kind == without else "1x60"
    return found


@pytest.mark.parametrize("how", [COMPOSE, ANNOTATIONS])
def test_nothing_fires_while_all_is_well(promtool: Path, tmp_path: Path, how: str):
    fires(promtool, tmp_path, running(how), 50, set())


@pytest.mark.parametrize("how", [COMPOSE, ANNOTATIONS])
@pytest.mark.parametrize("kind", ALL)
def test_a_kind_of_process_that_is_gone(promtool: Path, tmp_path: Path, how: str, kind: str):
    """As when pods are gone, whose targets annotation discovery forgets with them."""
    alert = "IchorCompleterDown" if kind == "async-completer" else "IchorProcessDown"
    series = running(how, without=kind, values="1x20 stale _x40")
    fires(promtool, tmp_path, series, 21, set())
    fires(promtool, tmp_path, series, 24, {alert})


@pytest.mark.parametrize("kind", ALL)
def test_a_kind_of_process_that_never_was(promtool: Path, tmp_path: Path, kind: str):
    alert = "IchorCompleterDown" if kind == "async-completer" else "IchorProcessDown"
    series = running(ANNOTATIONS, without=kind, values="_x60")
    fires(promtool, tmp_path, series, 5, {alert})


@pytest.mark.parametrize("how", [COMPOSE, ANNOTATIONS])
def test_one_of_several_that_does_not_answer(promtool: Path, tmp_path: Path, how: str):
    """And nothing is said of what is not Ichor's, though it has the same job."""
    series = running(how)
    target = 'job="kubernetes-pods", instance="10.0.0.9:8001"'
    series[f'ichor_build_info{{process="worker", {target}}}'] = "1x20 stale _x40"
    series[f"up{{{target}}}"] = "1x20 0x40"
    series['up{job="kubernetes-pods", instance="10.0.0.10:80"}'] = "0x60"
    fires(promtool, tmp_path, series, 50, {"IchorInstanceDown"})


def test_the_message_names_the_process(promtool: Path, tmp_path: Path):
    rule = TEXTS["IchorProcessDown"]
    test = {
        "rule_files": [str(file) for file in RULE_FILES],
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": name, "values": values}
                    for name, values in running(COMPOSE, without="worker", values="_x60").items()
                ],
                "alert_rule_test": [
                    {
                        "eval_time": "10m",
                        "alertname": "IchorProcessDown",
                        "exp_alerts": [
                            {
                                "exp_labels": {"severity": "critical", "process": "worker"},
                                "exp_annotations": {
                                    **rule["annotations"],
                                    "summary": "No worker is seen",
                                },
                            }
                        ],
                    }
                ],
            }
        ],
    }
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(test))
    command = [promtool, "test", "rules", tmp_path / "test.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_replies_are_not_consumed(promtool: Path, tmp_path: Path):
    series = running(COMPOSE) | {f"ichor_completer_consuming{{{COMPOSE}}}": "1x20 0x40"}
    fires(promtool, tmp_path, series, 20, set())
    fires(promtool, tmp_path, series, 30, {"IchorRepliesNotConsumed"})


def test_without_rabbitmq_nothing_is_said_of_replies(promtool: Path, tmp_path: Path):
    """By the rules that every installation has."""
    series = running(ANNOTATIONS, without="async-completer", values="_x60")
    own = [file for file in RULE_FILES if file.name != "rabbitmq.yaml"]
    fires(promtool, tmp_path, series, 50, set(), files=own)


@pytest.mark.parametrize(
    ("status", "alert"),
    [
        ("failed", "IchorExecutionsFail"),
        ("timed_out", "IchorExecutionsFail"),
        ("completed_with_failures", "IchorExecutionsHaveFailures"),
    ],
)
def test_many_executions_that_do_not_end_well(
    promtool: Path, tmp_path: Path, status: str, alert: str
):
    def ended(status: str, each_minute: int) -> Series:
        labels = f'ichor_execution_status="{status}", {COMPOSE}'
        return {f"{ENDED}{{{labels}}}": f"0+{each_minute}x60"}

    few = running(COMPOSE) | ended("completed", 9) | ended(status, 1)
    fires(promtool, tmp_path, few, 50, set())
    many = running(COMPOSE) | ended("completed", 7) | ended(status, 3)
    fires(promtool, tmp_path, many, 50, {alert})


def test_promtool_accepts_the_rules(promtool: Path):
    subprocess.run([promtool, "check", "rules", *RULE_FILES], check=True)
