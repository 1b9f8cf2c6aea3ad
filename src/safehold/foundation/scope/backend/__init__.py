"""Django's PostgreSQL engine, with transactions that carry a scope: `ENGINE = "safehold.foundation.scope.backend"`."""
