"""The dashboard and the alerts name what the server counts, and leave no count out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

import mesoguide.channels.outbox
import mesoguide.safety.counts
import mesoguide.storage.counts  # noqa: F401  each registers its own
from mesoguide import paths
from mesoguide.counts import REGISTRY

FOLDER = paths.ROOT / "deploy"
DASHBOARD = json.loads((FOLDER / "grafana.json").read_text(encoding="utf-8"))
ALERTS = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
METRIC = re.compile(r"\bmesoguide_\w+")
NAMED = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")
GROUPED = re.compile(r"\b(?:by|on)\s*\(([^)]*)\)")
OF_PROMETHEUS = {"instance", "job"}


def labels() -> dict[str, set[str]]:
    """Each sample of the registry with its labels."""
    found: dict[str, set[str]] = {}
    for name, collector in REGISTRY._names_to_collectors.items():
        own = set(collector._labelnames)  # type: ignore[attr-defined]
        found[name] = own | ({"le"} if name.endswith("_bucket") else set())
    return found


def panels() -> list[dict[str, Any]]:
    return list(DASHBOARD["panels"])


def shown() -> list[tuple[str, str]]:
    return [(one["title"], target["expr"]) for one in panels() for target in one["targets"]]


def rules() -> list[dict[str, Any]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def asked() -> list[tuple[str, str]]:
    return shown() + [(rule["alert"], rule["expr"]) for rule in rules()]


@pytest.mark.parametrize(("where", "expression"), asked(), ids=[where for where, _ in asked()])
def test_what_is_asked_for_is_counted(where: str, expression: str) -> None:
    known = labels()
    metrics = set(METRIC.findall(expression))
    assert metrics <= set(known), metrics - set(known)
    assert metrics or expression.startswith(("up{", "sum(up{")), where
    own = set.union(set(), *(known[one] for one in metrics)) | OF_PROMETHEUS
    used = set(NAMED.findall(expression))
    used |= {one.strip() for some in GROUPED.findall(expression) for one in some.split(",")}
    assert used <= own, used - own
    assert expression.count("(") == expression.count(")")


def test_every_count_is_shown() -> None:
    everything = " ".join(expression for _, expression in shown())
    missing = [
        metric.name
        for metric in REGISTRY.collect()
        if not re.search(rf"\b{metric.name}", everything)
    ]
    assert not missing


def test_a_legend_names_labels_that_its_line_has() -> None:
    for panel in panels():
        for target in panel["targets"]:
            named = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            kept = {
                one.strip() for some in GROUPED.findall(target["expr"]) for one in some.split(",")
            }
            assert named <= kept, panel["title"]


def test_panels_ask_the_chosen_source_and_none_lies_on_another() -> None:
    assert [one["type"] for one in DASHBOARD["templating"]["list"]] == ["datasource", "query"]
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        assert panel["description"]
        for one in (panel, *panel["targets"]):
            assert one["datasource"] == {"type": "prometheus", "uid": "${source}"}
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    ids = [one["id"] for one in panels()]
    assert len(set(ids)) == len(ids)


def test_alerts_say_what_to_look_at() -> None:
    expected = {"Down", "TurnsWithoutReplies", "Failures", "Slow", "VendorGaveUp"}
    assert {rule["alert"] for rule in rules()} == {f"Mesoguide{one}" for one in expected}
    for rule in rules():
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"].endswith(".")


def test_outcomes_that_are_asked_for_are_those_that_are_counted() -> None:
    code = (paths.ROOT / "mesoguide" / "channels" / "outbox.py").read_text(encoding="utf-8")
    for _, expression in asked():
        for some in re.findall(r'outcome=~?"([^"]+)"', expression):
            for outcome in some.split("|"):
                assert f'"{outcome}"' in code


def test_prometheus_asks_the_servers_of_compose_with_a_token() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    services = yaml.safe_load((FOLDER / "compose.yml").read_text(encoding="utf-8"))["services"]
    (job,) = config["scrape_configs"]
    (targets,) = (one["targets"] for one in job["static_configs"])
    assert {target.partition(":")[0] for target in targets} == {
        name for name in services if name.startswith("server-")
    }
    assert job["authorization"]["type"] == "Bearer"
    assert config["rule_files"] == ["alerts.yml"]
    assert (FOLDER / "alerts.yml").is_file()


ALERTED = """
rule_files: [alerts.yml]
evaluation_interval: 15s
tests:
  - interval: 15s
    input_series:
      - {series: 'up{job="mesoguide", instance="a"}', values: '1x40'}
      - {series: 'up{job="mesoguide", instance="b"}', values: '0x40'}
      - {series: 'mesoguide_turn_seconds_count{instance="a", channel="rest"}', values: '0+3x40'}
      - {series: 'mesoguide_replies_total{instance="a", type="answer", topic="t", channel="rest"}', values: '0+3x40'}
      - {series: 'mesoguide_turn_seconds_count{instance="b", channel="rest"}', values: '0+3x40'}
      - {series: 'mesoguide_replies_total{instance="b", type="answer", topic="t", channel="rest"}', values: '9x40'}
      - {series: 'mesoguide_failures_total{instance="b", what="turn", channel="rest"}', values: '_x30 1x10'}
      - {series: 'mesoguide_failures_total{instance="a", what="turn", channel="rest"}', values: '5x40'}
      - {series: 'mesoguide_messages_sent_total{instance="a", channel="sms", outcome="sent"}', values: '0+1x40'}
      - {series: 'mesoguide_messages_sent_total{instance="a", channel="sms", outcome="given_up"}', values: '_x30 1x10'}
      - {series: 'mesoguide_turn_seconds_bucket{instance="a", channel="rest", le="1"}', values: '0+3x40'}
      - {series: 'mesoguide_turn_seconds_bucket{instance="a", channel="rest", le="2"}', values: '0+3x40'}
      - {series: 'mesoguide_turn_seconds_bucket{instance="a", channel="rest", le="+Inf"}', values: '0+3x40'}
      - {series: 'mesoguide_turn_seconds_bucket{instance="b", channel="rest", le="2"}', values: '0+1x40'}
      - {series: 'mesoguide_turn_seconds_bucket{instance="b", channel="rest", le="5"}', values: '0+3x40'}
      - {series: 'mesoguide_turn_seconds_bucket{instance="b", channel="rest", le="+Inf"}', values: '0+3x40'}
    alert_rule_test:
      - {eval_time: 9m, alertname: MesoguideDown, exp_alerts: [{exp_labels: {severity: page, job: mesoguide, instance: b}}]}
      - {eval_time: 9m, alertname: MesoguideTurnsWithoutReplies, exp_alerts: [{exp_labels: {severity: page, instance: b}}]}
      - {eval_time: 9m, alertname: MesoguideFailures, exp_alerts: [{exp_labels: {severity: page, instance: b, what: turn, channel: rest}}]}
      - {eval_time: 9m, alertname: MesoguideSlow, exp_alerts: [{exp_labels: {severity: warn, instance: b}}]}
      - {eval_time: 9m, alertname: MesoguideVendorGaveUp, exp_alerts: [{exp_labels: {severity: warn, instance: a, channel: sms}}]}
      - {eval_time: 7m, alertname: MesoguideVendorGaveUp, exp_alerts: []}
"""  # noqa: E501


@pytest.mark.skipif(shutil.which("promtool") is None, reason="apt-get install prometheus")
def test_prometheus_itself_alerts_for_what_is_wrong_and_for_nothing_else(tmp_path: Any) -> None:
    rules_ = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    for group in rules_["groups"]:
        for rule in group["rules"]:
            del rule["annotations"]  # compared word by word otherwise
    (tmp_path / "alerts.yml").write_text(yaml.safe_dump(rules_), encoding="utf-8")
    (tmp_path / "test.yml").write_text(ALERTED, encoding="utf-8")
    for command in (
        ["promtool", "check", "rules", str(FOLDER / "alerts.yml")],
        ["promtool", "check", "config", "--syntax-only", str(FOLDER / "prometheus.yml")],
        ["promtool", "test", "rules", str(tmp_path / "test.yml")],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
