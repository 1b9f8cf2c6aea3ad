"""How the promise about usage is proved."""
