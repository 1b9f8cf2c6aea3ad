"""Platform staff: who they are, and the grants by which they look into a tenant for a support case."""
