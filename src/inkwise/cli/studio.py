"""`inkwise studio`."""

from pathlib import Path

from inkwise.cli.options import Flag
from inkwise.errors import UsageError


def studio(
    *,
    host: str = "127.0.0.1",
    port: int = 8628,
    open_to_others: Flag = False,
    no_browser: Flag = False,
    runs: Path = Path("runs"),
) -> None:
    """Open the Studio, a page in the browser in which networks can be drawn for and looked into.

    Example: inkwise studio --runs runs

    It answers to this machine alone and asks nothing of any other. Ctrl-C ends it.

    Args:
        host: Address of this machine to listen at; one that others can reach needs --open-to-others.
        port: Where to listen; 0 for any free port. If it is taken, the next free one is used, and said.
        open_to_others: Let other machines in. They can then look at models and runs here and start trainings, so the
            address gets a token that they need.
        no_browser: Print the address and open nothing.
        runs: Folder with run folders; of those, and of no other files, the page can choose.
    """
    from inkwise.cli.console import say

    try:
        from inkwise.studio.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"fastapi", "starlette", "uvicorn", "multipart"}:
            raise
        raise UsageError(f'The Studio needs {error.name}; install it with pip install "inkwise[studio]".') from error
    serve(host=host, port=port, open_to_others=open_to_others, browser=not no_browser, runs=runs, say=say)
