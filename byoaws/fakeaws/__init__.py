"""The embedded AWS: MiniStack in a process of its own, two accounts, and what MiniStack lacks, beside it."""
