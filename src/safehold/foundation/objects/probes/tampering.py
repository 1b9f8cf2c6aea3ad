"""ENC-4: a stored file that was altered in any way is refused, and each file has a key of its own."""

from __future__ import annotations

from collections.abc import Callable

from safehold.foundation.objects import canary, selectors
from safehold.foundation.objects.installed import current_store
from safehold.foundation.objects.stores import path_of
from safehold.foundation.scope.probes import canary as canary_scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel import sealedobject
from safehold.kernel.errors import SafeholdError, Tampered
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven

__all__ = ["altered_files_are_refused"]

_CHUNK = sealedobject.CHUNK + 16


def altered_files_are_refused(probe: ProbeContext) -> Finding:
    """Alter copies of a canary's file, in memory, and try to open them whole and in parts."""
    keys, raw, context = [], b"", b""
    for tenant_id in (probe.left, probe.right):
        scope = canary_scope(tenant_id)
        with scoped(scope):
            view = selectors.find_upload(scope, canary.KIND, canary.UPLOAD_KEY)
            if view is None:
                return unproven("The canaries have no planted file yet, so there was nothing to alter.")
            keys.append(selectors.key_of(scope, view.id))
        store, path = current_store(), path_of(tenant_id, view.id)
        raw, context = b"".join(store.read(path, 0, store.size(path))), selectors.context_for(tenant_id, view.id)
    if not _opens(keys[-1], context, raw):
        return broken("A canary's file doesn't open with its own key.")
    opened = [name for name, altered in _alterations(raw).items() if _opens(keys[-1], context, altered)]
    if opened or keys[0] == keys[1]:
        return broken("Stored files aren't sealed as they should be.", opened=opened, one_key=keys[0] == keys[1])
    names = list(_alterations(raw))
    return kept(f"A stored file was altered in {len(names)} ways; none of them opened, whole or in part.", tried=names)


def _alterations(raw: bytes) -> dict[str, bytes]:
    head, body = raw[: sealedobject.HEADER], raw[sealedobject.HEADER :]
    first, second, rest = body[:_CHUNK], body[_CHUNK : 2 * _CHUNK], body[2 * _CHUNK :]
    flips = {"version": 0, "salt": 1, "commitment": 30, "first chunk": 100, "last byte": len(raw) - 1}
    return {
        **{f"a bit of the {name}": _flipped(raw, at) for name, at in flips.items()},
        "one byte cut off": raw[:-1],
        "the last chunk cut off": head + first + second,
        "cut within a chunk": raw[: sealedobject.HEADER + 1000],
        "everything cut off": b"",
        "one byte more": raw + b"\0",
        "two chunks exchanged": head + second + first + rest,
        "a chunk left out": head + second + rest,
        "a chunk twice": head + first + first + second + rest,
    }


def _flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]


def _opens(key: bytes, context: bytes, sealed: bytes) -> bool:
    """Whether it opens, whole or from its first byte to its last by the way that parts are read."""

    def by_parts() -> None:
        reader = sealedobject.PartReader(key, context, sealed[: sealedobject.HEADER], len(sealed))
        start, stop = reader.window(0, reader.size)
        b"".join(reader.open(0, reader.size, [sealed[start:stop]]))

    return _succeeds(lambda: b"".join(sealedobject.open_whole(key, context, [sealed]))) or _succeeds(by_parts)


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except Tampered:
        return False
    except SafeholdError:
        return True  # refused with a reason: whoever alters files learns from it
    return True
