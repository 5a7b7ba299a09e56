"""What a customer's stack has become, held against its template. Only reads."""
