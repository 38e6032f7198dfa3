"""Keeping the key out of whatever is shown. Pure."""

_HIDDEN = "***"


def hide(text: str, secret: str) -> str:
    """The text with every occurrence of the secret replaced."""
    return text.replace(secret, _HIDDEN) if secret else text
