"""Make src/inkwise/data/packaged/uci-digits.npz from scikit-learn's copy of the UCI digits.

Run it once; its output is committed. It needs the development extra (scikit-learn). The array bytes have the
SHA-256 that `inkwise.data.uci` expects, and this script prints it.
"""

import hashlib
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TARGET = Path(__file__).parents[1] / "src" / "inkwise" / "data" / "packaged" / "uci-digits.npz"


def main() -> None:
    """Write the file and print its size and the hash of its content."""
    digits = load_digits()
    images = digits.images.astype(np.uint8)  # (1797, 8, 8), 0 to 16, ink high
    labels = digits.target.astype(np.uint8)
    np.savez_compressed(TARGET, images=images, labels=labels)
    content = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes, content SHA-256 {content}")


if __name__ == "__main__":
    main()
