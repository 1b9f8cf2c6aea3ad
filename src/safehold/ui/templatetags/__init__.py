"""Template tags of the design elements."""
