"""The schedules under ops/, as far as a machine without systemd or Kubernetes can test them."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from llm_usage import ingest
from llm_usage.cli import main
from llm_usage.config import load
from places import PROJECT, SEED

OPS = PROJECT / "ops"


def commands_in(text: str) -> list[list[str]]:
    """Every call of llm-usage with its words."""
    return [found.split() for found in re.findall(r"llm-usage ((?:ingest|status|optimize|rebuild)(?: +[^\s>|;'&]+)*)", text)]


@pytest.mark.parametrize("path", sorted(path for path in OPS.iterdir() if path.is_file()), ids=lambda p: p.name)
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


#: Everything is loaded as who we are; then another user looks, in the given groups.
READER = """
import os, sys, llm_usage
look = lambda: llm_usage.connect(sys.argv[1]).execute("select count(*) from requests").fetchone()[0]
look()
os.setgroups([int(group) for group in sys.argv[2:]])
os.setgid(65534)
os.setuid(65534)
print(look())
"""


def test_a_shared_lake_is_read_by_its_group_and_by_nobody_else(tmp_path: Path) -> None:
    """The example's configuration and its drop-in make a lake that a user of the group reads without any right to write."""
    shared = OPS / "shared-lake"
    drop_in = configparser.ConfigParser()
    drop_in.read_string((shared / "group.conf").read_text())
    assert drop_in["Service"]["Group"] in (shared / "README.md").read_text()
    settings = tmp_path / "llm-usage.yaml"
    lake, source = tmp_path / "lake", tmp_path / "in"
    source.mkdir()
    shutil.copy(SEED, source)
    text = (shared / "llm-usage.yaml").read_text()
    settings.write_text(text.replace("/srv/llm-usage/lake", str(lake)).replace("/srv/recordings/checkout", str(source)))
    assert load(settings).lake == lake
    ingest(source, lake, config=settings)
    assert lake.stat().st_mode & 0o7777 == 0o2750
    for path in lake.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o750 if path.is_dir() else 0o640), path
    if os.getuid() == 0:  # who may drop rights can try it: another user, of the group that the lake has
        for path in (tmp_path, *tmp_path.parents):
            if path != Path("/") and not path.stat().st_mode & 0o001:
                path.chmod(path.stat().st_mode | 0o011)
        group = 54_321
        for path in (lake, *lake.rglob("*")):
            os.chown(path, 0, group)
        before = sorted(lake.rglob("*"))
        for its_groups, code in (([group], 0), ([], 1)):
            words = [sys.executable, "-B", "-c", READER, str(lake), *map(str, its_groups)]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stdout) == (code, "" if code else "1\n"), done.stderr
            assert code == 0 or "LakeError" in done.stderr
        assert sorted(lake.rglob("*")) == before


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
