"""Sources of the Lambda functions: standard library and boto3 only, read as text and never imported by byoaws."""

from byoaws import shipped


def inline(name: str) -> str:
    """Return the source of function `name`, as it is embedded in a template."""
    return shipped.folder("byoaws.templates.functions").joinpath(f"{name}.py").read_text(encoding="utf-8")
