"""byoaws: run your service inside your customers' own AWS accounts, and prove that nobody else can get in."""

__version__ = "0.1.0.dev0"
