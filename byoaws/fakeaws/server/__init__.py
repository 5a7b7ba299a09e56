"""The processes and servers on loopback that the embedded AWS is made of."""
