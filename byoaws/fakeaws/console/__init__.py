"""What a customer's browser does in AWS's console, and what stacks need that MiniStack lacks."""
