"""Proof: collects every room's promises and checks, runs them, keeps their history and shows them to visitors."""
