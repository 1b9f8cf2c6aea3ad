"""The key hierarchy and sealed fields: platform root, tenant keys, data keys, blind indexes."""
