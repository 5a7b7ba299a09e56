"""A bare IAM policy as the template that would hold it, so that the rules about policies run on it.

The nodes keep where they stand in the policy's file, so every finding has the right line.
"""

from collections.abc import Mapping
from typing import Any

from cfnlint.decode.node import dict_node, str_node  # type: ignore[import-untyped]

POLICY_RULES = frozenset(
    {
        *("E9101", "E9107", "E9111", "W9112", "E9114", "E9115"),
        *("E3510", "E3512", "E3530", "W2511", "W3037"),
    }
)
"""What a policy is held to: ours, and cfn-lint's about the form of each kind of policy and about actions."""


def as_template(document: Any) -> Any:
    """Return a template whose one resource, called Role or Policy, has the policy."""
    if not _has(document, "Principal", "NotPrincipal"):
        name, kind, key = "Policy", "AWS::IAM::ManagedPolicy", "PolicyDocument"
    elif _has(document, "Resource", "NotResource"):
        # Whose it is does not show; a secret's policy may name any service's actions.
        name, kind, key = "Policy", "AWS::SecretsManager::ResourcePolicy", "ResourcePolicy"
    else:
        name, kind, key = "Role", "AWS::IAM::Role", "AssumeRolePolicyDocument"
    resource = _node(document, Type=_text(document, kind), Properties=_node(document, **{key: document}))
    return _node(document, Resources=_node(document, **{name: resource}))


def _has(document: Any, *keys: str) -> bool:
    found = document["Statement"]
    statements = found if isinstance(found, list) else [found]
    return any(key in statement for statement in statements if isinstance(statement, Mapping) for key in keys)


def _node(document: Any, **items: Any) -> Any:
    keyed = {_text(document, key): item for key, item in items.items()}
    return dict_node(keyed, document.start_mark, document.end_mark)


def _text(document: Any, text: str) -> Any:
    return str_node(text, document.start_mark, document.end_mark)
