"""Further commands of `byoaws connections`."""
