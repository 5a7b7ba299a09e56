"""The only door to AWS: a small typed port, its boto3 implementation, and the one place that maps errors."""
