"""What every page must be: well-formed, without inline script or style, labelled, with its headings in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise

__all__ = ["Page", "faults"]

VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
SVG_LEAVES = {"path", "circle", "rect", "line", "polyline", "polygon", "ellipse"}
CONTROLS = {"input", "select", "textarea"}
POINTERS = ("aria-describedby", "aria-labelledby", "popovertarget", "for")

Attributes = dict[str, str]


class Page(HTMLParser):
    """A page taken apart: its elements with the text inside each, and what was wrong with its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.texts: list[str] = []
        self.wrong: list[str] = []
        self._open: list[int] = []
        self.feed(html)
        self.wrong += [f"<{self.elements[index][0]}> is never closed" for index in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        self.texts.append("")
        if len({key for key, _ in attrs}) < len(attrs):
            self.wrong.append(f"<{tag}> names an attribute twice")
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self._open or self.elements[self._open[-1]][0] != tag:
            inside = self.elements[self._open[-1]][0] if self._open else "nothing"
            self.wrong.append(f"</{tag}> at line {self.getpos()[0]} inside <{inside}>")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for index in self._open:
            self.texts[index] += data

    def named(self, *tags: str) -> Iterator[tuple[str, Attributes, str]]:
        """Each element of these tags with its attributes and text."""
        for (tag, attributes), text in zip(self.elements, self.texts, strict=True):
            if tag in tags:
                yield tag, attributes, " ".join(text.split())


def faults(html: str) -> list[str]:
    """Everything that is wrong with a page; empty for a good one."""
    page = Page(html)
    checks = (_inline, _labels, _headings, _identifiers, _names)
    return [*page.wrong, *(fault for check in checks for fault in check(page))]


def _inline(page: Page) -> Iterator[str]:
    for tag, attributes in page.elements:
        if tag == "style" or "style" in attributes:
            yield f"<{tag}> carries a style of its own"
        if any(name.startswith("on") for name in attributes) or attributes.get("href", "").startswith("javascript:"):
            yield f"<{tag}> carries script in an attribute"
    for _, attributes, text in page.named("script"):
        if text or not attributes.get("src"):
            yield "an inline script"


def _labels(page: Page) -> Iterator[str]:
    labelled = {attributes["for"] for _, attributes, _ in page.named("label") if "for" in attributes}
    for tag, attributes, _ in page.named(*CONTROLS):
        if attributes.get("type") in ("hidden", "submit"):
            continue
        if attributes.get("id") not in labelled and not attributes.get("aria-label"):
            yield f"<{tag} name={attributes.get('name')}> has no label"


def _headings(page: Page) -> Iterator[str]:
    levels = [int(tag[1]) for tag, _, _ in page.named("h1", "h2", "h3", "h4")]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} first headings"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"a heading jumps from level {before} to {after}"


def _identifiers(page: Page) -> Iterator[str]:
    ids = Counter(attributes["id"] for _, attributes in page.elements if attributes.get("id"))
    yield from (f"the id {name} stands {count} times" for name, count in ids.items() if count > 1)
    for tag, attributes in page.elements:
        for pointer in POINTERS:
            for name in attributes.get(pointer, "").split():
                if name not in ids:
                    yield f"<{tag} {pointer}> points to {name}, which isn't there"


def _names(page: Page) -> Iterator[str]:
    for tag, attributes, text in page.named("a", "button", "summary"):
        if not text and not attributes.get("aria-label"):
            yield f"<{tag} class={attributes.get('class')}> says nothing"
    yield from (f"<img src={a.get('src')}> has no alt" for _, a, _ in page.named("img") if "alt" not in a)
