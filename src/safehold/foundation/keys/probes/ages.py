"""ENC-8: no key is older or more used than its limit, and keys lie apart, for their owner only."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from uuid import UUID

from django.conf import settings

import safehold
from safehold.foundation.access.matrix import Role
from safehold.foundation.keys import selectors
from safehold.foundation.keys.conf import TENANT_KEY_DAYS
from safehold.foundation.keys.probes.clear import data_directory
from safehold.foundation.keys.rawscan import Needles, needles_of_bytes, scan_files
from safehold.foundation.keys.rootkey import read_root_key
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.ids import PLATFORM
from safehold.kernel.installation import Installation
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["keys_are_young_and_apart"]

_MOST_TENANTS = 2000
_SECONDS = 10


def keys_are_young_and_apart(probe: ProbeContext) -> Finding:
    """Read every key's age, and where the key store's files lie and who may read them."""
    owners = selectors.tenants_with_keys()
    looked_at = [probe.left, probe.right, *(id_ for id_ in owners if id_ not in (probe.left, probe.right))][
        :_MOST_TENANTS
    ]
    keys = [(tenant_id, key) for tenant_id in looked_at for key in _status(tenant_id)]
    overdue = [
        {"tenant": str(tenant_id), "purpose": key.purpose, "days": key.days, "uses": key.uses}
        for tenant_id, key in keys
        if key.is_overdue
    ]
    misplaced = _misplaced(settings.SAFEHOLD)
    evidence = {
        "key_owners": len(owners),
        "looked_at": len(looked_at),
        "keys": len(keys),
        "limit_days": TENANT_KEY_DAYS,
    }
    if overdue:
        return broken(f"{len(overdue)} keys are overdue for rotation.", overdue=overdue[:20], **evidence)
    if misplaced:
        return broken("Keys don't lie apart, or others may read them.", misplaced=misplaced, **evidence)
    oldest = max((key.days for _, key in keys if key.is_active), default=0)
    return kept(
        f"{len(keys)} keys of {len(looked_at)} owners looked at: the oldest in use is {oldest} days old; they lie "
        "apart from the database and the code.",
        oldest_days=oldest,
        **evidence,
    )


def _status(tenant_id: UUID) -> list[selectors.KeyStatus]:
    if tenant_id == PLATFORM:
        scope = Scope(kind=Kind.PLATFORM, actor="system:prove")
    else:
        scope = Scope(kind=Kind.TENANT, actor="system:prove", tenant_id=tenant_id, role=Role.OWNER)
    with scoped(scope):
        return selectors.key_status(scope=scope)


def _misplaced(installation: Installation) -> list[str]:
    """What is wrong with the places of keys, in words."""
    data, code = data_directory(installation), Path(safehold.__file__).parent
    wrong = [
        f"{path.name} may be read by others"
        for path in [installation.secrets, *_files(installation)]
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    wrong += [
        f"{folder.name} lies among the code or the database's files"
        for folder in (installation.keys.resolve(), installation.secrets.resolve())
        if folder.is_relative_to(code) or (data is not None and folder.is_relative_to(data))
    ]
    if data is not None and _root_key_within(installation, data):
        wrong.append("the root key was found among the database's files")
    return wrong


def _files(installation: Installation) -> list[Path]:
    root = installation.secrets / "root.key"
    return [path for path in installation.keys.rglob("*") if path.is_file()] + ([root] if root.exists() else [])


def _root_key_within(installation: Installation, folder: Path) -> bool:
    label = installation.keys / installation.environment / "ring.json"
    salt = bytes.fromhex(json.loads(label.read_bytes())["salt"])
    key = read_root_key(installation.secrets / "root.key", salt)
    try:
        return bool(scan_files([folder], Needles(needles_of_bytes({"root key": bytes(key)})), seconds=_SECONDS).hits)
    finally:
        key[:] = bytes(len(key))
