"""What a vendor file means, and what it costs in safety."""
