"""Collections of records with classified fields: kept sealed, searched blind, imported and exported."""
