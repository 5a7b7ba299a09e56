"""The webhook secret that a customer's stack made: learnt, opened, exchanged."""
