"""JSON Merge Patch (RFC 7396) as a reader of the feed would apply it."""

from typing import Any


def merge_patch(target: Any, patch: Any) -> Any:
    """The target with the patch in it; null removes."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
