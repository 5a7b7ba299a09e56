"""What CloudFormation's expressions can come to: a template as plain data, in every world that matters."""
