"""Fetch onnxruntime-web into vendor/ beside this file: two files of the npm package, each known by its SHA-256.

    python examples/browser/fetch.py

The WebAssembly is 14 MB, too large to keep in the repository. npm packs the version below from whichever registry it is
set up with; the files are compared with the hashes here, so it does not matter which. For a newer version change both.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "onnxruntime-web"
VERSION = "1.30.0"  # licence MIT
FILES = {
    "ort.wasm.bundle.min.mjs": "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
VENDOR = Path(__file__).with_name("vendor")


def faults(folder: Path = VENDOR) -> list[str]:
    """Return a sentence for each file that is missing or not the one that is known."""
    found = []
    for name, sha256 in FILES.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{path} is missing; run python examples/browser/fetch.py.")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            found.append(f"{path} is not that of {PACKAGE} {VERSION}; run python examples/browser/fetch.py.")
    return found


def fetch(folder: Path = VENDOR) -> None:
    """Pack the package with npm and write its two files into `folder`, once both have the right hash."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not installed; it comes with Node.js.")
    with tempfile.TemporaryDirectory() as work:
        command = [npm, "pack", "--silent", "--ignore-scripts", f"{PACKAGE}@{VERSION}"]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            sys.exit(f"npm cannot pack {PACKAGE} {VERSION}: {done.stderr.strip()}")
        with tarfile.open(next(Path(work).glob("*.tgz"))) as archive:
            for name in FILES:
                member = archive.extractfile(f"package/dist/{name}")
                assert member is not None, f"{PACKAGE} {VERSION} has no {name}"
                (Path(work) / name).write_bytes(member.read())
        wrong = faults(Path(work))
        if wrong:
            sys.exit(f"{PACKAGE} {VERSION} has other files than are known: {' '.join(wrong)}")
        folder.mkdir(exist_ok=True)
        for name in FILES:
            shutil.copyfile(Path(work) / name, folder / name)


if __name__ == "__main__":
    if faults():
        fetch()
    print(f"{VENDOR} has {PACKAGE} {VERSION}.")
