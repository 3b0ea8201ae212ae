"""The compose file: valid, complete, and in accord with the services."""

import ipaddress
import json
import re
import subprocess
import time
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema import Draft202012Validator

from ichor_runtime.errors import SettingsError
from tests.infra.kit import compose_file
from tests.infra.kit.dockerfile_steps import DOCKERFILE, variables_of
from tests.infra.kit.repository import INFRA, ROOT, SERVICES
from tests.infra.kit.service_settings import MIGRATE, PRUNE, check_settings, unknown_variables

PROFILES = {"infrastructure", "application", "observability", "mail"}
COMPOSE = compose_file.resolved()
ALL: dict[str, Any] = COMPOSE["services"]
# They write to their own file system at the start, as the file says.
WRITABLE = {"rabbitmq", "temporal-ui"}


def schema_errors(document: Any) -> list[str]:
    """Return what the schema of the Compose Specification finds wrong."""
    text = files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    return [
        error.message
        for error in Draft202012Validator(json.loads(text.read_text())).iter_errors(document)
    ]


def environment(service: str) -> dict[str, str]:
    """Return the variables of a service's containers."""
    return {name: str(value) for name, value in ALL[service].get("environment", {}).items()}


def test_it_is_valid():
    assert schema_errors(COMPOSE) == []


def test_a_misspelt_field_is_found():
    document = compose_file.document()
    document["services"]["worker"]["read_olny"] = True

    (error,) = schema_errors(document)

    assert "read_olny" in error


def test_every_variable_has_a_default_or_is_in_the_example():
    used = compose_file.variables(compose_file.FILE.read_text())
    given = set(compose_file.example())

    assert [name for name, default in used.items() if not default and name not in given] == []


def test_the_example_has_no_variable_that_nothing_reads():
    used = set(compose_file.variables(compose_file.FILE.read_text()))
    used |= set(compose_file.variables(compose_file.EXAMPLE.read_text()))

    assert set(compose_file.example()) - used == {"COMPOSE_PROFILES"}
    assert set(compose_file.example()["COMPOSE_PROFILES"].split(",")) == PROFILES


def test_every_service_is_in_one_of_the_profiles():
    assert {tuple(service["profiles"]) for service in ALL.values()} == {
        (name,) for name in PROFILES
    }


@pytest.mark.parametrize("service", [*SERVICES, MIGRATE, PRUNE])
def test_a_service_knows_every_variable_that_it_is_given(service: str):
    assert unknown_variables(service, set(environment(service))) == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_be_started_with_the_example(service: str):
    check_settings(service, environment(service))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_needs_neither_mail_nor_traces(service: str):
    """As in .env without the profiles mail and observability."""
    missing = {"SMTP_HOST": "", "SMTP_PORT": "", "SMTP_SENDER": "", "SMTP_TLS": ""}
    given = environment(service)

    check_settings(service, given | dict.fromkeys(missing.keys() & given.keys(), ""))


def test_a_service_says_what_the_example_lacks():
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        check_settings("worker", environment("worker") | {"DATABASE_URL": ""})


def test_a_process_has_time_to_end():
    for service in SERVICES:
        grace = float(environment(service)["SHUTDOWN_GRACE_SECONDS"])

        assert float(ALL[service]["stop_grace_period"].removesuffix("s")) > grace


def test_everything_is_published_on_the_loopback_interface_only():
    published = [text for service in ALL.values() for text in service.get("ports", [])]

    assert published
    for text in published:
        host, port, _ = text.split(":")
        assert ipaddress.ip_address(host).is_loopback, text
        assert port.isdecimal(), text
    ports = [text.split(":")[1] for text in published]
    assert len(ports) == len(set(ports))


@pytest.mark.parametrize("service", SERVICES)
def test_the_service_listens_where_others_look_for_it(service: str):
    own = variables_of("", SERVICE=service)["PORT"]
    scraped = yaml.safe_load((INFRA / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    targets = [
        target for job in scraped for item in job["static_configs"] for target in item["targets"]
    ]

    assert f"{service}:{environment(service)['METRICS_PORT']}" in targets
    assert {text.split(":")[2] for text in ALL[service].get("ports", [])} <= {own}
    assert "PORT" not in environment(service)


def test_prometheus_and_grafana_look_at_services_that_are_there():
    texts = [(INFRA / "prometheus/prometheus.yml").read_text()]
    texts += [file.read_text() for file in (INFRA / "grafana").rglob("*.yaml")]
    hosts = set(re.findall(r"(?:http://|\")([a-z-]+):\d+", "\n".join(texts)))

    assert hosts
    assert hosts <= set(ALL)


def test_every_file_that_is_mounted_is_there():
    for service in ALL.values():
        for text in service.get("volumes", []):
            source = text.split(":")[0]
            if source.startswith("."):
                assert (INFRA / source).exists(), text
                assert text.endswith(":ro"), text
            else:
                assert source in COMPOSE["volumes"], text


def test_alerts_and_dashboards_are_found_where_they_are_mounted():
    rules = yaml.safe_load((INFRA / "prometheus/prometheus.yml").read_text())["rule_files"]
    (provider,) = yaml.safe_load(
        (INFRA / "grafana/provisioning/dashboards/ichor.yaml").read_text()
    )["providers"]

    assert f"./alerts:{Path(rules[0]).parent}:ro" in ALL["prometheus"]["volumes"]
    assert f"./dashboards:{provider['options']['path']}:ro" in ALL["grafana"]["volumes"]


@pytest.mark.parametrize("service", [*SERVICES, MIGRATE, PRUNE])
def test_an_image_is_built_from_the_dockerfile(service: str):
    build = ALL[service]["build"]

    assert (INFRA / build["context"]).resolve() == ROOT
    assert ROOT / build["dockerfile"] == DOCKERFILE
    assert ALL[service]["image"].startswith(f"ichor/{build['args']['SERVICE']}:")
    assert build["args"]["SERVICE"] == (service if service in SERVICES else "worker")


def test_images_of_others_are_pinned():
    for name, service in ALL.items():
        if "build" not in service:
            assert re.fullmatch(r"[a-z]+(/[a-z-]+)?:v?\d+\.\d+[\w.-]*", service["image"]), name


def test_containers_have_few_rights():
    for name, service in ALL.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is (name not in WRITABLE), name


def test_what_is_waited_for_can_say_that_it_is_ready():
    """And what may be left out, since its profile is another one, is not required."""
    for name, service in ALL.items():
        for other, wish in service.get("depends_on", {}).items():
            wanted = ALL[other]
            if wish["condition"] == "service_healthy":
                assert "healthcheck" in wanted, other
            else:
                assert wish["condition"] == "service_completed_successfully"
                assert wanted["restart"].startswith("on-failure"), other
            assert wish.get("required", True) is (wanted["profiles"] == service["profiles"]), name


def test_logs_are_rotated_and_memory_is_bounded():
    for name, service in ALL.items():
        assert service["logging"]["driver"] == "local", name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"]), name


def test_the_number_of_shards_is_not_left_to_a_default():
    assert environment("temporal")["NUM_HISTORY_SHARDS"] == "512"


def test_services_and_migration_have_roles_of_their_own():
    roles = {
        name: urlsplit(environment(name)["DATABASE_URL"]).username
        for name in (*SERVICES, PRUNE, MIGRATE)
    }
    assert roles.pop(MIGRATE) == "ichor_owner"
    assert set(roles.values()) == {"ichor_service"}
    entrypoint = ALL["postgres-roles"]["entrypoint"]
    assert {"--set=owner=ichor_owner", "--set=service=ichor_service"} < set(entrypoint)
    given = environment("postgres-roles")
    for name, variable in ((MIGRATE, "OWNER_PASSWORD"), ("worker", "SERVICE_PASSWORD")):
        assert urlsplit(environment(name)["DATABASE_URL"]).password == given[variable]


def test_prune_waits_for_the_night_prunes_and_ends_when_it_is_told(tmp_path: Path):
    """With a clock that stands at 02:16:50 UTC; programs write down how they are called."""
    said = tmp_path / "said"
    programs = {
        "date": "echo 1000008210",
        "sleep": f'echo "sleep $1" >> {said}; [ "$(wc -l < {said})" -lt 4 ] || exit 1',
        "python": f'echo "python $*" >> {said}',
    }
    # Any day at 02:16:50: seconds since the beginning of the day are 8210.
    programs["date"] = f"echo {86400 * 11574 + 8210}"
    for name, script in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    shell, *rest = ALL["prune"]["command"]
    variables = {"PATH": f"{tmp_path}:/usr/bin:/bin", "KEEP_DAYS": "7"}
    subprocess.run([shell, *rest], env=variables, timeout=10, check=False)
    assert said.read_text().splitlines() == [
        "sleep 10",
        "python -m ichor_edgestore prune --keep-days 7",
        "sleep 10",
        "python -m ichor_edgestore prune --keep-days 7",
        "sleep 10",
    ]
    (tmp_path / "sleep").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    with subprocess.Popen([shell, *rest], env=variables) as process:
        time.sleep(0.5)  # it cannot be asked whether the trap is set
        process.terminate()
        process.wait(timeout=5)
    subprocess.run(["pkill", "--parent", str(process.pid)], check=False)
