"""Pure: what DNS records say, read as the protocols' documents say. Nothing here asks a name server."""
