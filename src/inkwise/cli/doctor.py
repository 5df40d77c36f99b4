"""`inkwise doctor`."""

from pathlib import Path

from inkwise.cli.options import Flag


def doctor(*, data: Path | None = None, json: Flag = False) -> int:
    """Check the installation, the machine and the data, and say what to do where something is missing.

    Example: inkwise doctor

    Args:
        data: Where to look for datasets first.
        json: Print the findings as one JSON object.
    """
    from inkwise.cli.console import out, print_json
    from inkwise.experiment.checkup import check

    findings = check(data)
    well = all(finding.ok or not finding.needed for finding in findings)
    if json:
        print_json({"ok": well, "findings": [f.__dict__ for f in findings]})
    else:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, show_header=False)
        for finding in findings:
            table.add_row("ok" if finding.ok else "!!" if finding.needed else "--", finding.subject, Text(finding.text))
        out().print(table)
    return 0 if well else 1
