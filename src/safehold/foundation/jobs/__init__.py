"""The queue of background jobs: its own database login, and the doors through which tenants' scopes use it."""
