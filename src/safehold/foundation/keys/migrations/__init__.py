"""How the tables of the key hierarchy came to be."""
