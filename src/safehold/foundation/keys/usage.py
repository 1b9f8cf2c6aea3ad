"""How often each data key has sealed: an estimate that costs nothing in the way of sealing.

Uses are counted in memory and added to the row in steps. Where another transaction holds the row, the count waits for
the next step. A process that ends takes its last step with it: XAES-256-GCM allows 2^80 messages, so a little less is
no harm.
"""

from __future__ import annotations

from django.db.models import F

from safehold.foundation.keys.cache import LiveKey
from safehold.foundation.keys.models import DataKey
from safehold.kernel.ids import PLATFORM

__all__ = ["STEP", "count_uses"]

STEP = 4096


def count_uses(live: LiveKey, times: int) -> None:
    """Note that a key sealed so many values."""
    live.unreported += times
    if live.unreported < STEP or live.tenant_id == PLATFORM:
        return
    rows = DataKey.objects.filter(tenant_id=live.tenant_id, id=live.id)  # rows: the estimate belongs to the ring
    free = rows.select_for_update(skip_locked=True, of=("self",)).values("id")
    if rows.filter(id__in=free).update(uses=F("uses") + live.unreported):
        live.unreported = 0
