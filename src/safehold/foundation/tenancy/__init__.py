"""Tenants, departments and members, and the two canary tenants that probes use."""
