"""The edge to other people's servers: name servers by dnspython, and one look at a website. Never at private ones."""
