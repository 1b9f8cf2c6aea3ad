"""Accounts: sign-in, second factors, sessions, invitations and personal tokens."""
