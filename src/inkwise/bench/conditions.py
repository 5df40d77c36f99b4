"""Under which conditions this process and its children measure: machine, threads, instruction set, dataset."""

from inkwise.bench.book import Conditions
from inkwise.data.dataset import Dataset
from inkwise.experiment.environment import machine, speed


def conditions(dataset: Dataset, *, quick: bool) -> Conditions:
    """Return the conditions of this process, which its children inherit."""
    here, now = machine(), speed()
    return Conditions(
        dataset=dataset.name,
        hashes=dict(dataset.hashes),
        quick=quick,
        processor=here["processor"],
        cores=here["cores"],
        threads=now["threads"],
        instructions=now["onednn"],
        environment=now["variables"],
        python=here["python"],
        torch=here["versions"]["torch"],
    )
