"""The schemas of resource types that a `.cfnlintrc` adds or overrides. cfn-lint keeps them for the whole process."""

import functools
import os

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, patch, reset  # type: ignore[import-untyped]

from byoaws.errors import UsageError


def use_schemas(folders: tuple[str, ...], override: str, regions: tuple[str, ...]) -> None:
    """Add the schemas in these folders to those of cfn-lint, and apply the file `override`, both as cfn-lint does.

    Raises:
        UsageError: a folder or the file is not there, or does not hold what it must.
    """
    if _used.cache_info().currsize or folders or override:
        _used(folders, override, regions)


@functools.lru_cache(maxsize=1)
def _used(folders: tuple[str, ...], override: str, regions: tuple[str, ...]) -> None:
    PROVIDER_SCHEMA_MANAGER._registry_schemas.clear()
    reset()
    hint = "check registry_schemas and override_spec in .cfnlintrc"
    try:
        for folder in folders:
            if not os.path.isdir(folder):
                raise UsageError(
                    f"cfn-lint's settings name a folder of schemas that is not there: '{folder}'", hint=hint
                )
            PROVIDER_SCHEMA_MANAGER.load_registry_schemas(folder)
        if override:
            patch(override, regions)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"cfn-lint cannot load the schemas that its settings name: {error}", hint=hint) from None
    except SystemExit:  # it has told its own log why
        raise UsageError(f"cfn-lint cannot use '{override}' to override its schemas", hint=hint) from None
