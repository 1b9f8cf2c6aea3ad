"""ENC-9: a scratch tenant's key is made, used and destroyed; the database's rows, as a backup keeps them, stay shut."""

from __future__ import annotations

from django.db import transaction

from safehold.foundation.access.matrix import Role
from safehold.foundation.keys import ring, sealing
from safehold.foundation.keys.conf import CACHE_SECONDS
from safehold.foundation.keys.errors import KeysDestroyed, KeysMissing
from safehold.foundation.keys.installed import current_store
from safehold.foundation.keys.storage import storage_of
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["a_destroyed_key_opens_nothing"]


def a_destroyed_key_opens_nothing(probe: ProbeContext) -> Finding:
    """Its rows are rolled back and its key leaves no trace: harmless in production."""
    scratch = clock.new_id()
    scope = Scope(kind=Kind.TENANT, actor="system:prove", tenant_id=scratch, role=Role.OWNER)
    store, place = current_store(), sealing.Place(scratch, "keys_data_key", "probe", scratch)
    store.create(scratch)
    with scoped(scope):
        sealed = sealing.seal(place, b"gone for good")
        opened_before = sealing.open_sealed(place, sealed) == b"gone for good"
        data_keys = len(storage_of(scratch).all(scratch))
        store.destroy(scratch, leave_word=False)
        ring.cache.forget(scratch)
        try:
            sealing.open_sealed(place, sealed)
            opened_after = True
        except (KeysDestroyed, KeysMissing):
            opened_after = False
        transaction.set_rollback(True)
    evidence = {"data_keys_kept_as_a_backup_would": data_keys, "forgotten_within_seconds": CACHE_SECONDS}
    if not opened_before:
        return broken("The scratch value didn't open while its key was there.", **evidence)
    if opened_after:
        return broken("A sealed value opened after its tenant's key was destroyed.", **evidence)
    return kept(
        "A scratch value was sealed and its tenant's key destroyed: with every row of the database still there, it "
        "doesn't open any more.",
        **evidence,
    )
