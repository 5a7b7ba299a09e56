"""A stack's life: what is in its way, what an upgrade changes, what was changed by hand. Pure, no AWS library."""
