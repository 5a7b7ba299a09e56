"""What `recheck` and `schedule` share."""
