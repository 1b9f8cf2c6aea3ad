"""The sealed log: events written in the acting transaction, chained and signed a moment later, verified by anyone."""
