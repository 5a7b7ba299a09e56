"""Quick-Create links, their alternatives, and the minting of ExternalIds and webhook secrets. Pure but for randomness."""
