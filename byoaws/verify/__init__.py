"""Ask a connected account questions, and say what the answers add up to."""
