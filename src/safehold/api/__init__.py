"""The API's assembly: mounts each room's routes, signs callers in by token, renders errors and OpenAPI."""
