"""What tenants do here: records, and the rooms for documents, signatures, mail, connectors, pipelines and billing."""
