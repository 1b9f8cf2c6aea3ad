"""How the promises about stored files are proved, one file a promise."""
