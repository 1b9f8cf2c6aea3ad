"""Stored files: sealed one by one under keys of their own, kept in a folder or bucket apart from the database."""
