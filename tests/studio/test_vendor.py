import shutil
from pathlib import Path

from scripts.vendor import VENDOR, faults


def test_every_third_party_file_is_the_one_in_the_manifest() -> None:
    assert faults() == []


def test_a_file_that_is_changed_missing_or_added_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "vendor"
    shutil.copytree(VENDOR, folder)
    (folder / "lit-html" / "lit-html.js").write_text("alert(1)")
    (folder / "lit-html" / "directive.js").unlink()
    (folder / "more.js").write_text("")
    assert faults(folder) == [
        "lit-html/directive.js is in the manifest and not in the folder.",
        "lit-html/lit-html.js is not the file that the manifest names.",
        "more.js is not in the manifest.",
    ]
