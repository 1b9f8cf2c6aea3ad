"""Made-up companies and people, to look around in. Every installation makes its own; none of it is anybody's data."""
