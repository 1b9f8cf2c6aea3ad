"""A few words for a browser: enough for its owner to know it in a list, too few to track anybody by."""

from __future__ import annotations

import re

__all__ = ["device_of"]

# The order matters: Edge and Opera also say Chrome, Chrome also says Safari.
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Version/[\d.]+.*Safari/"),
    ("curl", r"^curl/"),
    ("a script", r"python|httpx|requests|Go-http-client|okhttp|Java/|wget"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iOS", r"iPhone|iPad|iPod"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, text, re.IGNORECASE)), "")


def device_of(user_agent: str) -> str:
    """A User-Agent header in a few words, as in "Firefox on Linux"; "an unknown device" where we know nothing of it."""
    header = user_agent[:500]
    browser, system = _first(_BROWSERS, header), _first(_SYSTEMS, header)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "an unknown device"
