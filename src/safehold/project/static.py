"""Static files: served under names that carry their content's hash once `up` has collected them."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

__all__ = ["Storage"]


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed names from the manifest; the plain name where nothing is collected yet, as in tests."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The hashed name of `name`, or `name` itself where it isn't in the manifest."""
        hashed: str | None = self.hashed_files.get(self.hash_key(self.clean_name(name)))
        return hashed or name
