"""Application logs: JSON lines without secrets, gathered into a sealed archive within minutes, gone in time."""
