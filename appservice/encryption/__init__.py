"""The encryption of rooms; see the modules."""
