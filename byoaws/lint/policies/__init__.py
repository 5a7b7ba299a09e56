"""What rules about policies look for: who is let in, and who may do what."""
