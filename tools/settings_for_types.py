"""Settings for the type checker: the product's own, on a throw-away installation that never starts."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from safehold.operations.installation import create

os.environ["SAFEHOLD_HOME"] = str(Path(tempfile.gettempdir()) / f"safehold-types-{os.getuid()}")
create(Path(os.environ["SAFEHOLD_HOME"]))

from safehold.project.settings import *  # noqa: E402, F403 - the home has to be there first
