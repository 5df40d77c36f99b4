import subprocess
import sys


def test_matplotlib_and_rich_are_imported_only_when_something_is_drawn() -> None:
    program = (
        "import sys, inkwise.evaluation.report, inkwise.evaluation.table, inkwise.evaluation.comparison;"
        "print([name for name in ('matplotlib', 'rich', 'scipy', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_room_itself_imports_nothing_heavy() -> None:
    program = "import sys, inkwise.evaluation; print('torch' in sys.modules or 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
