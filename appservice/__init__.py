"""Matrix, and nothing of jewellers."""
