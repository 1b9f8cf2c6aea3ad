"""Usage: how often each kind of page was opened and each kind of action done, by tenant and day, and nothing more."""
