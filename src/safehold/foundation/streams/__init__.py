"""Streams: the sealed log sent on to a workspace's own monitoring, event by event, without a gap."""
