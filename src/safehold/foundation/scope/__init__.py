"""The scope of a transaction: who acts, in which tenant, with which role; signed, and checked by policies."""
