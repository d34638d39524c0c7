"""Owns what looks like a key in a path or a name, and cuts it out; must not know where the text comes from. Pure."""

from __future__ import annotations

import re

_CHAR = r"(?:[A-Za-z0-9_-]|%[0-9A-Fa-f]{2})"
_LINK = r"(?:[-_=]|%2[Dd]|%5[Ff]|%3[Dd])"
#: What looks like a key in a path is cut: some services take theirs there. Words that anybody may use want more behind them.
_KEY_IN_PATH = re.compile(
    rf"(?:(?<![A-Za-z0-9])(?:glpat|ghp|gho|ghu|ghs|ghr|gsk|r8|hf|nvapi|xai|xox[a-z]|AKIA|ASIA|AIza){_LINK}?{_CHAR}{{12,}}"
    rf"|(?<![A-Za-z0-9])(?i:sk|pk|rk|key|api|token){_LINK}?{_CHAR}{{16,}}"
    rf"|(?<![A-Za-z0-9])eyJ{_CHAR}{{8,}}(?:\.{_CHAR}*){{0,2}}"
    rf"|(?i:(?<=token=)|(?<=key=)|(?<=secret=)|(?<=signature=)|(?<=password=)|(?<=sig=))[^/;&=]+)"
)
#: In a name (a model, a provider) only what no name is: a known beginning, a long rest, a digit in it.
_KEY_AS_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:(?:sk|pk|rk)-|(?:gsk|hf|r8|ghp|gho|xai)_|xai-|nvapi-|glpat-|xox[a-z]-|AKIA|ASIA|AIza|eyJ)"
    r"(?=[A-Za-z0-9_.-]*[0-9])(?=[A-Za-z0-9_.-]*[A-Z])[A-Za-z0-9_.-]{16,}"
    # Keys of small letters alone (DeepSeek's: sk- and 32 hexadecimal digits); no model is called so.
    r"|(?:sk|pk|rk)-(?=[a-z_-]*[0-9])[a-z0-9_-]{20,})"
)


def clean_path(path: str) -> str:
    """The path with anything cut out that looks like a key."""
    return _KEY_IN_PATH.sub("…", path)[:2000]


def clean_name(name: str) -> str:
    """A name with anything cut out of it that is a key."""
    return _KEY_AS_NAME.sub("…", name)
