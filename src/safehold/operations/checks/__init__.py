"""What proves the promises of this room."""
