"""What every tenant application needs: scope, access, keys, audit, tenants, identity."""
