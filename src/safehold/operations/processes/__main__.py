"""`python -m safehold.operations.processes NAME`: what the supervisor starts; `safehold run NAME` does the same."""

from __future__ import annotations

import sys

from safehold.operations.processes.child import main

if __name__ == "__main__":
    main(sys.argv[1])
