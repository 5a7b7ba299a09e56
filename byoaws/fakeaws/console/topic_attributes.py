"""What MiniStack's CloudFormation leaves out of a topic, added beside it through SNS's own API.

It takes `SignatureVersion` and `KmsMasterKeyId` of `AWS::SNS::Topic` without a word and forgets them. A topic would
then sign as version 1, and could be published to although it is encrypted.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from byoaws.templates.text import read_template

_FORGOTTEN = ("SignatureVersion", "KmsMasterKeyId")


@lru_cache(maxsize=32)
def forgotten(template: str) -> Mapping[str, Mapping[str, str]]:
    """Return the attributes of each topic, by logical name; only those that the template says outright."""
    document = read_template(template.encode())
    resources: Mapping[str, Any] = (document or {}).get("Resources", {})
    found = {}
    for name, resource in resources.items():
        properties = resource.get("Properties", {}) if resource.get("Type") == "AWS::SNS::Topic" else {}
        given = {key: str(properties[key]) for key in _FORGOTTEN if isinstance(properties.get(key), str | int)}
        if given:
            found[name] = given
    return found


def mend(sns: Any, topics: Mapping[str, str], template: str) -> None:
    """Set what was forgotten, on the topics of a stack: logical name to ARN."""
    for name, attributes in forgotten(template).items():
        for key, value in attributes.items():
            if name in topics:
                sns.set_topic_attributes(TopicArn=topics[name], AttributeName=key, AttributeValue=value)
