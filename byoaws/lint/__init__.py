"""Template linting. The only door to cfn-lint."""
