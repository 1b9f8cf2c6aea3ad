"""House rules for templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import safehold

ROOT = Path(safehold.__file__).parent
TEMPLATES = sorted(ROOT.rglob("templates/**/*.html"))
BLOCK = re.compile(r"{%\s*(block|endblock)(?:\s+(\w+))?[^%]*%}")
SET = re.compile(r"{%\s*(?:url|firstof|theme|navigation_entries)\b[^%]*?\bas (\w+)\s*%}")
TAG = re.compile(r"{[%{].*?[%}]}", re.DOTALL)


def blocks(text: str) -> Iterator[str]:
    """What stands in each outermost block; a template without blocks is one."""
    depth, start = 0, 0
    matches = list(BLOCK.finditer(text))
    if not matches:
        yield text
    for match in matches:
        if match[1] == "block":
            start = match.end() if depth == 0 else start
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                yield text[start : match.start()]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_one_block_sets_no_other_block_reads(path: Path):
    text = path.read_text()
    if "{% extends" not in text:
        return
    parts = list(blocks(text))
    names = {name for part in parts for name in SET.findall(part)}
    lost = {
        name
        for part in parts
        for name in names - set(SET.findall(part))
        if any(re.search(rf"\b{name}\b(?!=)", tag) for tag in TAG.findall(part))
    }
    assert lost == set(), "set in one block and read in another, where it is empty"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_inline_and_nothing_is_marked_safe(path: Path):
    text = path.read_text()
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|javascript:|\|safe\b|autoescape off|hx-on", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def test_no_template_names_a_class_that_nothing_draws():
    static = ROOT / "ui/static/ui"
    drawn = set(re.findall(r"\.([a-zA-Z][\w-]*)", "".join(path.read_text() for path in static.glob("safehold.*"))))
    used = {
        (str(path.relative_to(ROOT)), name)
        for path in TEMPLATES
        for names in re.findall(r'class="([^"]*)"', TAG.sub(" ", path.read_text()))
        for name in names.split()
        if not name.endswith("-")
    }
    assert sorted((path, name) for path, name in used if name not in drawn) == []
