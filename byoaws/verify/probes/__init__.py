"""One question per file; `byoaws.registry.PROBES` lists them."""
