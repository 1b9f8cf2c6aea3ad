"""How the promises about keys are proved, one file a promise."""
