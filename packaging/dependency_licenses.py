"""Prints the licences of all crates that are linked into `glyph`, with the texts that the crates ship.

python3 packaging/dependency_licenses.py TARGET, in the repository. Most licences ask that their text is
distributed with a program that contains the code.
"""

import json
import subprocess
import sys
from pathlib import Path

PREFIXES = ("license", "licence", "copying", "copyright", "notice", "unlicense")


def main():
    target = sys.argv[1]
    crates = linked_crates(target)
    print("Glyph contains these libraries, each under the licence named; the texts follow.\n")
    texts = {}
    for package in crates:
        name = f"{package['name']} {package['version']}"
        print(f"{name}: {package['license'] or 'see its licence file'} {package['repository'] or ''}".rstrip())
        for text in license_texts(Path(package["manifest_path"]).parent):
            # Many differ in their line breaks only.
            texts.setdefault(tuple(text.split()), (text, []))[1].append(name)
    for text, names in texts.values():
        print(f"\n{'=' * 100}\n{', '.join(dict.fromkeys(names))}\n{'=' * 100}\n\n{text}")


def linked_crates(target):
    """The packages from registries that end up in the program: no build scripts, no procedural macros."""
    metadata = json.loads(cargo("metadata", "--format-version=1", f"--filter-platform={target}"))
    packages = {(package["name"], package["version"]): package for package in metadata["packages"]}
    edges = ["--edges=normal,no-proc-macro", "--prefix=none", "--format={p}"]
    tree = cargo("tree", "--package=glyph", f"--target={target}", *edges)
    names = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    found = [packages[name, version.removeprefix("v")] for name, version in sorted(names)]
    return [package for package in found if package["source"]]


def license_texts(folder):
    # Also below the crate's own folder: that of the allocator contains a C library.
    files = sorted(file for file in folder.rglob("*") if file.name.lower().startswith(PREFIXES))
    for file in files:
        if file.is_file():
            yield file.read_text(errors="replace").replace("\r\n", "\n").strip()


def cargo(command, *arguments):
    return subprocess.run(["cargo", command, "--locked", *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    main()
