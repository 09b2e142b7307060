"""What the police take part in: relayed alerts in a liaison room of their own."""
