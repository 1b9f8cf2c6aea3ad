"""The checks behind the log's promises."""
