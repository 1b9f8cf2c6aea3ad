"""Heads of logs in other hands: witnesses, time authorities, and tenants themselves."""
