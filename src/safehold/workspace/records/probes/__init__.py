"""Probes of this room: they ask the running system for what it must not give, and look for planted values."""
