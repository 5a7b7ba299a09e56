"""What a stack costs the customer."""
