"""The command line's assembly: mounts each room's commands and renders their errors."""
