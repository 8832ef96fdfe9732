"""The files of deploy/ hold together with each other and with the code. No container is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mesoguide import paths
from tests.deploy.conftest import DOCKERFILE, copied

FOLDER = paths.ROOT / "deploy"
COMPOSE = FOLDER / "compose.yml"
KUBERNETES = FOLDER / "kubernetes"
VALIDATOR = "kubernetes-validate==1.37.0"  # wants a newer jsonschema than Rasa: not installed
SETTING = re.compile(r"MESOGUIDE_[A-Z_]*[A-Z]")
OF_THE_PROXY = {"MESOGUIDE_SITE"}
USER = 10001
PINNED = re.compile(r"^[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9]+)*$")


def read(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(read(COMPOSE)["services"])


@pytest.fixture(scope="module")
def kinds() -> dict[str, Any]:
    files = [KUBERNETES / name for name in read(KUBERNETES / "kustomization.yaml")["resources"]]
    return {one["kind"]: one for one in map(read, files)}


@pytest.fixture(scope="module")
def pod(kinds: dict[str, Any]) -> dict[str, Any]:
    return dict(kinds["Deployment"]["spec"]["template"]["spec"])


def files() -> Iterator[Path]:
    yield from (one for one in FOLDER.rglob("*") if one.is_file() and one.parent.name != "secrets")


def test_every_setting_that_is_named_exists_in_the_code() -> None:
    code = "".join(
        one.read_text(encoding="utf-8") for one in (paths.ROOT / "mesoguide").rglob("*.py")
    )
    known = set(re.findall(r'"(MESOGUIDE_[A-Z_]+)"', code))
    named = {
        name.removesuffix("_FILE")
        for file in files()
        for name in SETTING.findall(file.read_text(encoding="utf-8"))
    }
    assert {"MESOGUIDE_DB", "MESOGUIDE_REDIS"} <= named
    assert named - known - OF_THE_PROXY == set()


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    ignore = (FOLDER / "Dockerfile.dockerignore").read_text().split("\n")
    wanted = {line[1:] for line in ignore if line.startswith("!")}
    sources = {str(source) for source, _ in copied()}
    assert all((paths.ROOT / one).exists() for one in sources)
    assert sources == wanted


def test_the_image_is_hardened_and_installs_what_is_hashed() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) == 2
    assert all(PINNED.match(one) for one in bases)
    assert bases[0].startswith(f"python:{(paths.ROOT / '.python-version').read_text().strip()}.")
    assert "--require-hashes" in text
    last = text[text.rindex("FROM ") :]
    assert f"USER {USER}:{USER}" in last
    assert "/health" in last
    assert "RUN python -m mesoguide check && python -m mesoguide train" in text
    assert "://" not in text.replace("http://127.0.0.1", "")  # nothing is fetched from elsewhere


def test_every_service_is_hardened(services: dict[str, Any]) -> None:
    assert set(services) == {"server-1", "server-2", "proxy", "postgres", "redis", "prometheus"}
    for name, one in services.items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in one["security_opt"], name
        assert not str(one["user"]).startswith(("0", "root")), name
        assert PINNED.match(one["image"]), name
        assert "privileged" not in one, name


def test_only_the_proxy_is_published_and_what_is_stored_is_inside(
    services: dict[str, Any],
) -> None:
    published = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert all(port.startswith("127.0.0.1:") for port in published.pop("prometheus"))
    assert list(published) == ["proxy"]
    inside = {name for name, one in read(COMPOSE)["networks"].items() if one.get("internal")}
    for name in ("postgres", "redis"):
        assert set(services[name]["networks"]) <= inside
    assert not set(services["proxy"]["networks"]) & inside


def test_compose_names_only_what_it_defines(services: dict[str, Any]) -> None:
    whole = read(COMPOSE)
    for name, one in services.items():
        assert set(one["networks"]) <= set(whole["networks"]), name
        assert set(one.get("secrets", ())) <= set(whole["secrets"]), name
        assert set(one.get("depends_on", ())) <= set(services), name
        for volume in one.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in whole["volumes"] or (FOLDER / source).exists(), name
    for waited_for in ("postgres", "redis"):
        assert services[waited_for]["healthcheck"]
    proxied = re.search(r"reverse_proxy (.+) {", (FOLDER / "Caddyfile").read_text())
    assert proxied and proxied[1].split() == ["server-1:5005", "server-2:5005"]


def test_both_servers_share_their_settings(services: dict[str, Any]) -> None:
    one, other = services["server-1"], services["server-2"]
    assert one["environment"] == other["environment"]
    assert one["environment"]["MESOGUIDE_DB_FILE"] == "/run/secrets/database_url"
    assert "redis:6379" in one["environment"]["MESOGUIDE_REDIS"]


def test_prometheus_is_started_when_asked_for_with_the_servers_token(
    services: dict[str, Any],
) -> None:
    one = services["prometheus"]
    assert one["profiles"] == ["metrics"]
    config = read(FOLDER / "prometheus.yml")["scrape_configs"][0]
    assert config["static_configs"][0]["targets"] == ["server-1:5005", "server-2:5005"]
    name = Path(config["authorization"]["credentials_file"]).name
    assert one["secrets"] == [name]
    assert read(COMPOSE)["secrets"][name] == {"environment": "MESOGUIDE_METRICS_TOKEN"}
    assert "MESOGUIDE_METRICS_TOKEN" in services["server-1"]["environment"]


def test_no_password_is_in_a_file() -> None:
    for file in files():
        for found in re.findall(r"://[^\s/@]*:([^\s/@]+)@", file.read_text(encoding="utf-8")):
            assert found == "PASSWORD", file


def test_kustomize_lists_every_file() -> None:
    listed = read(KUBERNETES / "kustomization.yaml")["resources"]
    there = {one.name for one in KUBERNETES.iterdir()} - {"kustomization.yaml"}
    assert sorted(listed) == sorted(there)


def test_kubernetes_would_take_every_file() -> None:
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv is needed: pip install uv"
    checked = [str(one) for one in sorted(KUBERNETES.glob("*.yaml")) if one.stem != "kustomization"]
    command = [uv, "run", "--quiet", "--no-project", "--isolated", "--with", VALIDATOR]
    command += ["kubernetes-validate", "--strict", *checked]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pods_are_hardened(pod: dict[str, Any], kinds: dict[str, Any]) -> None:
    (server,) = pod["containers"]
    assert PINNED.match(server["image"])
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == USER
    assert server["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False
    written = {one["mountPath"] for one in server["volumeMounts"]}
    assert written == {"/tmp", "/data"}


def test_pods_are_replaced_without_a_gap(pod: dict[str, Any], kinds: dict[str, Any]) -> None:
    assert kinds["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert "replicas" not in kinds["Deployment"]["spec"]  # the autoscaler's
    assert kinds["HorizontalPodAutoscaler"]["spec"]["minReplicas"] >= 2
    assert kinds["PodDisruptionBudget"]["spec"]["maxUnavailable"] == 1
    (server,) = pod["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert server[probe]["httpGet"] == {"path": "/health", "port": "http"}
    patience = {
        name: server[f"{name}Probe"]["periodSeconds"] * server[f"{name}Probe"]["failureThreshold"]
        for name in ("readiness", "liveness")
    }
    assert patience["liveness"] > 5 * patience["readiness"]
    pause = int(server["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] >= pause + 15 + 5  # the server finishes in 15
    assert server["resources"]["limits"]["memory"] and server["resources"]["requests"]


def test_kubernetes_files_fit_together(pod: dict[str, Any], kinds: dict[str, Any]) -> None:
    name = kinds["Deployment"]["metadata"]["name"]
    labels = kinds["Deployment"]["spec"]["template"]["metadata"]["labels"]
    selectors = (
        kinds["Deployment"]["spec"]["selector"]["matchLabels"],
        kinds["Service"]["spec"]["selector"],
        kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        kinds["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    )
    assert all(one == labels for one in selectors)
    assert kinds["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == name
    (rule,) = kinds["Ingress"]["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == kinds["Service"]["metadata"]["name"]
    (server,) = pod["containers"]
    sources = [*(one for part in server["envFrom"] for one in part.values())]
    assert [one["name"] for one in sources] == [
        kinds[kind]["metadata"]["name"] for kind in ("ConfigMap", "Secret")
    ]
    assert pod["serviceAccountName"] == kinds["ServiceAccount"]["metadata"]["name"]
    given = {**kinds["ConfigMap"]["data"], **kinds["Secret"]["stringData"]}
    assert {"MESOGUIDE_DB", "MESOGUIDE_REDIS"} <= set(given)
