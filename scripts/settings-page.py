#!/usr/bin/env python3
"""Prints docs/settings.md, the reference of every setting, from crates/server/engage.default.toml.

scripts/settings-page.py > docs/settings.md
"""

import re
from pathlib import Path

DEFAULTS = Path(__file__).parent.parent / "crates/server/engage.default.toml"

HEAD = """\
# Settings

This page lists every setting with its default. It is generated from
[engage.default.toml](../crates/server/engage.default.toml), which is compiled into the program, by
`scripts/settings-page.py`. [Operations](operations.md#settings) explains where settings come from, how mistakes are
reported, and `engage check-config`, which prints the settings in force.

{intro}

A setting without a meaning of its own is described by one above it.
"""


def prose(comment):
    """The lines of a comment as Markdown: indented ones are an example, an empty one ends a paragraph."""
    blocks = [[]]
    for line in comment:
        is_example = line.startswith("  ")
        if not line or (blocks[-1] and is_example != blocks[-1][-1].startswith("  ")):
            blocks.append([])
        if line:
            blocks[-1].append(line)
    texts = []
    for block in filter(None, blocks):
        if block[0].startswith("  "):
            texts.append("\n".join(["```toml", *(line[2:] for line in block), "```"]))
        else:
            texts.append(marked(" ".join(block)))
    return texts


def marked(text):
    """A text with paths, files and URLs as code or as links."""
    text = re.sub(r"docs/([a-z-]+\.md)", r"[\1](\1)", text)
    return text.replace("<", "&lt;")


def cell(text):
    return text.replace("|", "\\|")


def names_of_secrets(lines):
    """The settings that may be read from a file of their own, as the head of the file lists them."""
    head = " ".join(line.lstrip("# ") for line in lines[: lines.index("[server]")])
    return set(re.findall(r"[a-z_]+\.[a-z_]+", head.split("The secrets are ")[1]))


def main():
    lines = DEFAULTS.read_text().splitlines()
    secrets = names_of_secrets(lines)
    own_files = {line.split(" = ")[0] for line in lines if re.match(r"[a-z_]+_file = ", line)}
    out, comment, section, rows = [], [], None, []

    def end_rows():
        if any(meaning for *_, meaning in rows):
            table = ["| setting | default | meaning |", "|---|---|---|"]
            table += [f"| {name} | {value} | {meaning} |" for name, value, meaning in rows]
        else:
            table = ["| setting | default |", "|---|---|"]
            table += [f"| {name} | {value} |" for name, value, _ in rows]
        if rows:
            out.append("\n".join(table))
            rows.clear()

    for line in lines:
        if line.startswith("#"):
            comment.append(line[1:].removeprefix(" "))
        elif not line:
            # Comments that end here belong to nothing below: they introduce the file.
            if comment:
                out.extend(prose(comment))
                comment = []
        elif table := re.fullmatch(r"\[([a-z_.]+)\]", line):
            end_rows()
            if section is None:
                # The first paragraph is about the file.
                out = [HEAD.format(intro="\n\n".join(out[1:])).rstrip()]
            section = table[1]
            out.append(f"## {section}")
            out.extend(prose(comment))
            comment = []
        else:
            name, value = re.fullmatch(r"([a-z_]+) = (.*)", line).groups()
            if "" in comment:
                # What precedes the last paragraph is about all settings that follow.
                last = len(comment) - 1 - comment[::-1].index("")
                end_rows()
                out.extend(prose(comment[:last]))
                comment = comment[last + 1 :]
            if f"{section}.{name}" in secrets and f"{name}_file" not in own_files:
                comment.append(f"May be read from a file: `{section}.{name}_file`.")
            meaning = " ".join(prose(comment))
            rows.append((f"`{section}.{name}`", f"`{cell(value)}`", cell(meaning)))
            comment = []
    end_rows()
    print("\n\n".join(out))


if __name__ == "__main__":
    main()
