"""Who may open the views of the floor below, which knows no permissions."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission

__all__ = ["VIEWS"]

VIEWS = {
    "safehold.ui.web.gallery": Permission.PUBLIC,
    "safehold.ui.web.set_theme": Permission.PUBLIC,
}
