"""The commands of `byoaws inbound`, one to a file."""
