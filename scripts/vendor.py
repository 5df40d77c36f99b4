"""Write the Studio's third-party JavaScript into its static/vendor/, each file as its package has it, and a manifest.

`python scripts/vendor.py` packs the versions below with npm, whose integrity hash must be the one given here. The
manifest names version, licence and the SHA-256 of every file; `--check`, and a test, compare the files with it. To take
a newer version, change it here with the integrity that `npm view NAME@VERSION dist.integrity` prints.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).parent.parent / "src" / "inkwise" / "studio" / "static" / "vendor"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Package:
    """One package: what npm calls it, its hash there, and the files that are taken."""

    name: str
    version: str
    licence: str
    integrity: str
    files: tuple[str, ...]


PACKAGES = (
    Package(
        "lit-html",
        "3.3.3",
        "BSD-3-Clause",
        "sha512-el8M6jK2o3RXBnrSHX3ZKrsN8zEV63pSExTO1wYJz7QndGYZ8353e2a5PPX+qHe2aGayfnchQmkAojaWAREOIA==",
        (
            "LICENSE",
            "lit-html.js",
            "directive.js",
            "directive-helpers.js",
            "directives/live.js",
            "directives/repeat.js",
        ),
    ),
    Package(
        "uplot",
        "1.6.32",
        "MIT",
        "sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw==",
        ("LICENSE", "dist/uPlot.esm.js", "dist/uPlot.min.css"),
    ),
)


def fetch(package: Package, folder: Path) -> dict[str, str]:
    """Pack one package with npm, write its files below `folder`, and return their SHA-256 by path."""
    with tempfile.TemporaryDirectory() as work:
        command = ["npm", "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"]
        subprocess.run(command, cwd=work, check=True, capture_output=True)
        packed = next(Path(work).glob("*.tgz")).read_bytes()
        found = "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode()
        if found != package.integrity:
            sys.exit(f"{package.name} {package.version} has integrity {found}, expected {package.integrity}.")
        hashes = {}
        with tarfile.open(next(Path(work).glob("*.tgz"))) as archive:
            for name in package.files:
                member = archive.extractfile(f"package/{name}")
                assert member is not None, f"{package.name} has no {name}"
                content = member.read()
                path = folder / package.name / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                hashes[f"{package.name}/{name}"] = hashlib.sha256(content).hexdigest()
        return hashes


def write(folder: Path = VENDOR) -> None:
    """Replace the folder by what the packages have."""
    shutil.rmtree(folder, ignore_errors=True)
    packages = [
        {
            "name": package.name,
            "version": package.version,
            "licence": package.licence,
            "integrity": package.integrity,
            "files": fetch(package, folder),
        }
        for package in PACKAGES
    ]
    (folder / MANIFEST).write_text(json.dumps({"packages": packages}, indent=2) + "\n", encoding="utf-8")


def faults(folder: Path = VENDOR) -> list[str]:
    """Return a sentence for each file that is changed, missing or not in the manifest, and each other version."""
    packages: list[dict[str, Any]] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["packages"]
    listed = {name: sha256 for package in packages for name, sha256 in package["files"].items()}
    there = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    there.pop(MANIFEST)
    found = [f"{name} is in the manifest and not in the folder." for name in sorted(listed.keys() - there.keys())]
    for name, path in sorted(there.items()):
        if name not in listed:
            found.append(f"{name} is not in the manifest.")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != listed[name]:
            found.append(f"{name} is not the file that the manifest names.")
    wanted = {(package.name, package.version, package.integrity) for package in PACKAGES}
    if wanted != {(package["name"], package["version"], package["integrity"]) for package in packages}:
        found.append("The manifest has other packages or versions than scripts/vendor.py.")
    return found


if __name__ == "__main__":
    if "--check" not in sys.argv:
        write()
    sentences = faults()
    print("\n".join(sentences) or "static/vendor/ is what its manifest says.")
    sys.exit(bool(sentences))
