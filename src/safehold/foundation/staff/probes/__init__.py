"""Checks of the register, of the door in the database, and of what ends when somebody leaves."""
