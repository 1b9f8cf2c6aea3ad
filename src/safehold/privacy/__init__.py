"""The privacy promises: register, instructions, consent, people's rights, retention, agreements."""
