"""Our cfn-lint rules, one a file. Usable by stock cfn-lint: `--append-rules` and this folder."""
