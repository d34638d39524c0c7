"""The notebooks run, on the sample as on a fresh clone and on lakes that lack what they would like to show; git holds no outputs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from xml.etree import ElementTree as ET

import nbformat
import pytest
from nbclient import NotebookClient

import llm_usage
from hostile import SCRIPT, write_hostile
from places import PROJECT, SAMPLE, SEED

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
#: Plots each of them draws.
PLOTS = {"01_cost": 3, "02_speed": 3, "03_one_stream": 2, "04_providers": 2}


def test_they_are_all_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == sorted(PLOTS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_git_holds_no_outputs(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.metadata, f"{path.name} {cell.id}: cell metadata"
        if cell.cell_type == "code":
            assert not cell.outputs, f"{path.name} {cell.id} has outputs: clear them before you commit"
            assert cell.execution_count is None, f"{path.name} {cell.id} has an execution count: clear it before you commit"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_short_and_explained(path: Path) -> None:
    cells = nbformat.read(path, 4).cells
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert len(cells) <= 20
    assert sum(cell.cell_type == "markdown" for cell in cells) * 2 >= len(cells) - 3
    for target in re.findall(r"`((?:docs|sql)/[\w./-]+)`", "".join(cell.source for cell in cells)):
        assert (PROJECT / target).is_file(), f"{path.name} names {target}"


def run(folder: Path, *paths: Path) -> nbformat.NotebookNode:
    """The cells of the notebooks, executed one after another in ``folder``; a cell that raises fails the test."""
    notebook = nbformat.read(paths[0], 4)
    for path in paths[1:]:
        notebook.cells += nbformat.read(path, 4).cells
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    return notebook


def plots(notebook: nbformat.NotebookNode) -> list[str]:
    return [
        output.data["image/svg+xml"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "execute_result" and "image/svg+xml" in output.data
    ]


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_as_on_a_fresh_clone(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLM_USAGE_LAKE", raising=False)
    (tmp_path / "notebooks").mkdir()
    shutil.copytree(SAMPLE, tmp_path / "data" / "sample")
    notebook = run(tmp_path / "notebooks", path)
    drawn = plots(notebook)
    assert len(drawn) == PLOTS[path.stem]
    for svg in drawn:
        marks = [e for e in ET.fromstring(svg).iter() if "mark-" in e.get("class", "") and "role-mark" in e.get("class", "")]
        assert sum(len(mark) for mark in marks) > 0, "an empty plot"
        assert "<script" not in svg
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            assert output.output_type != "stream" or output.name == "stdout", f"{cell.id} says {output.text}"
            assert "http" not in str(output.get("data", {}).get("text/html", "")), "nothing is fetched"


@pytest.mark.exhaustive
def test_run_on_a_lake_without_arrival_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_USAGE_LAKE", str(tmp_path / "lake"))
    llm_usage.ingest(SEED, tmp_path / "lake")
    assert len(plots(run(tmp_path, *NOTEBOOKS))) == sum(PLOTS.values())


@pytest.mark.exhaustive
def test_one_command_runs_them_all_even_on_an_empty_lake(tmp_path: Path) -> None:
    """What `make notebooks-run` calls."""
    environment = os.environ | {"LLM_USAGE_LAKE": str(tmp_path / "nothing")}
    command = [sys.executable, PROJECT / "notebooks" / "run.py", tmp_path / "out"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    written = {path.stem: len(plots(nbformat.read(path, 4))) for path in (tmp_path / "out").glob("*.ipynb")}
    assert written == PLOTS


def test_a_cell_that_fails_fails_the_command(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "notebooks" / "run.py", tmp_path)
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")]), tmp_path / "bad.ipynb")
    done = subprocess.run([sys.executable, tmp_path / "run.py", tmp_path / "out"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


@pytest.mark.exhaustive
def test_names_that_mean_harm_do_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_hostile(tmp_path / "recordings")
    monkeypatch.setenv("LLM_USAGE_LAKE", str(tmp_path / "lake"))
    llm_usage.ingest(tmp_path / "recordings", tmp_path / "lake")
    notebook = run(tmp_path, *NOTEBOOKS)
    drawn = plots(notebook)
    assert any(SCRIPT in "".join(ET.fromstring(svg).itertext()) for svg in drawn), "the name came as far as here"
    for svg in drawn:
        for element in ET.fromstring(svg).iter():  # one that closed an element would not parse
            assert element.tag.rpartition("}")[2] not in {"script", "foreignObject", "image", "a", "use"}
            assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            tags = set(re.findall(r"<\s*([a-z!]+)", output.get("data", {}).get("text/html", ""), re.IGNORECASE))
            assert tags <= {"table", "thead", "tbody", "tr", "th", "td", "p", "small", "br"}, cell.id
            text = output.get("data", {}).get("text/plain", "") + output.get("text", "")
            assert not [c for c in text if unicodedata.category(c) == "Cc" and c != "\n"], cell.id
