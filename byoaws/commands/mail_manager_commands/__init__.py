"""The commands below `byoaws mail-manager`, one file each."""
