"""Where connections are kept. The only door to the database."""
