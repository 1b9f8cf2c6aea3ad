"""The one way out: what leaves this installation goes to a registered destination, and past here only."""
