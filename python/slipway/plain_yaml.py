"""Whether a text is YAML as people write configuration.

No parser is at hand on a host. What is not plain may still be YAML, in a form whose keys cannot be told with certainty; to
say so is right for both.
"""
import re

NAMED = r"(?:\"[^\"]*\"|'[^']*'|[A-Za-z][A-Za-z0-9_-]*\+?)\s*:(?=\s|$)"
ITEMS = r"\s*(?:-\s+)*"
QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")


def is_plain_yaml(lines: "list[str]", margin: str) -> bool:
    """lines: those that say something (no comments, no markers); margin: the blanks before the first of them."""
    block: "int | None" = None
    depth = 0
    for index, line in enumerate(lines):
        width = len(line) - len(line.lstrip(" "))
        if block is not None and width > block:
            continue
        block = None
        if re.search(r"[\0-\x08\x0e-\x1f\ufffd]", line):
            return False
        bare = re.sub(r"(^|\s)#.*$", "", QUOTED.sub("''", line))
        if depth == 0:
            if line[width:].startswith("\t") or width < len(margin):
                return False
            at_margin = width == len(margin)
            # Items may stand as far out as their key; the file itself is no list.
            if at_margin and not ((index and re.match(r"-(\s|$)", line[width:])) or re.match(NAMED, line[width:])
                                  or bare.lstrip().startswith("{")):
                return False
            value = re.sub("^" + ITEMS + "(?:" + NAMED + r"\s*)?", "", bare, count=1)
            if value[:1] in ("\"", "'") and not value.startswith("''"):
                return False
            if re.search(r"(^|\s)[|>][+-]?\d?[+-]?\s*$", value):
                block = width
                continue
            if value[:1] not in ("[", "{"):
                continue
            bare = value
        depth += len(re.findall(r"[\[{]", bare)) - len(re.findall(r"[\]}]", bare))
        if depth < 0 or (depth == 0 and re.search(r"[\]}][^\]},\s]", bare)):
            return False
    return depth == 0
