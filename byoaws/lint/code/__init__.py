"""What rules about Lambda functions look for."""
