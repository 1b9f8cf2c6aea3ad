"""Running an installation: its database server, processes, certificate and files."""
