"""Quick-Create links and their alternatives; ExternalIds and webhook secrets are minted here. Pure but for chance."""
