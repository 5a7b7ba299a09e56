"""Permission packs: YAML that a security reviewer can read without Python."""
