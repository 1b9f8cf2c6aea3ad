"""What can be refused for another reason than a role."""

from __future__ import annotations

from safehold.kernel.errors import Denied

__all__ = ["NotInPlan"]


class NotInPlan(Denied):
    """This workspace's plan doesn't have this."""

    code = "not-in-plan"
