"""The network: members, regions, reports, moderation, relay."""
