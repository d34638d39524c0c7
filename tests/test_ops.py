"""The schedules under ops/, as far as a machine without systemd or Kubernetes can test them."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from llm_usage.cli import main
from places import PROJECT

OPS = PROJECT / "ops"


def commands_in(text: str) -> list[list[str]]:
    """Every call of llm-usage with its words."""
    return [found.split() for found in re.findall(r"llm-usage ((?:ingest|status|optimize|rebuild)(?: +[^\s>|;'&]+)*)", text)]


@pytest.mark.parametrize("path", sorted(OPS.iterdir()), ids=lambda p: p.name)
def test_every_command_and_option_exists(path: Path) -> None:
    text = path.read_text()
    if path.suffix == ".yaml":
        args = yaml.safe_load(text)["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"]
        found = [args[1:]]
    else:
        found = commands_in("\n".join(line for line in text.splitlines() if not line.startswith("#")))
    if path.suffix != ".timer":
        assert found
    for name, *words in found:
        options = {option for parameter in main.commands[name].params for option in parameter.opts + parameter.secondary_opts}
        assert {w for w in words if w.startswith("--")} <= options


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_units_verify(tmp_path: Path) -> None:
    for path in [*OPS.glob("*.service"), *OPS.glob("*.timer")]:
        # The command and the user are the administrator's: stand-ins make everything else verifiable.
        text = path.read_text().replace("/srv/llm-usage/.venv/bin/llm-usage", "/bin/true").replace("User=llm-usage", "User=root")
        (tmp_path / path.name).write_text(text)
    for path in sorted(tmp_path.iterdir()):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True, check=False)
        lines = [line for line in done.stderr.splitlines() if path.name in line and "Failed to" not in line]
        assert not lines, done.stderr


def test_units_are_well_formed() -> None:
    for path in [*OPS.glob("*.service"), *OPS.glob("*.timer")]:
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.optionxform = str
        parser.read_string(path.read_text())
        assert parser.has_section("Unit")
        if path.suffix == ".timer":
            assert (OPS / parser["Timer"]["Unit"]).is_file()
        else:
            assert parser["Service"]["Type"] == "oneshot"


def test_crontab_lines() -> None:
    field = r"(?:\*(?:/\d+)?|\d+)"
    for line in (OPS / "crontab").read_text().splitlines():
        if line and not line.startswith("#") and not re.match(r"[A-Z_]+=", line):
            assert re.match(rf"(?:{field} ){{5}}cd /srv/llm-usage && ", line), line


def test_cronjob_meets_the_schema_of_batch_v1() -> None:
    """The fields that the API server requires and the values it allows (Kubernetes API reference, CronJob v1 batch)."""
    job = yaml.safe_load((OPS / "cronjob.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", job["metadata"]["name"])
    assert len(job["metadata"]["name"]) <= 52
    spec = job["spec"]
    assert set(spec) <= {
        "schedule", "timeZone", "concurrencyPolicy", "startingDeadlineSeconds", "suspend", "successfulJobsHistoryLimit",
        "failedJobsHistoryLimit", "jobTemplate",
    }  # fmt: skip
    assert spec["concurrencyPolicy"] in {"Allow", "Forbid", "Replace"}
    assert len(spec["schedule"].split()) == 5
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] in {"Never", "OnFailure"}
    volumes = {v["name"] for v in pod["volumes"]}
    for container in pod["containers"]:
        assert {"name", "image"} <= set(container)
        assert {m["name"] for m in container["volumeMounts"]} <= volumes
        assert all(set(e) == {"name", "value"} and isinstance(e["value"], str) for e in container["env"])
        assert all(isinstance(word, str) for word in container["args"])
