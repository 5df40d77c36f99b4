import pytest
import torch

from inkwise.data.draws import mix, normal, sample_keys, uniform

INDICES = torch.arange(10_000)


def test_mixing_is_splitmix64() -> None:
    # The first outputs of the reference generator seeded with 0: its state grows by the golden ratio's step.
    golden = 0x9E3779B97F4A7C15
    states = torch.tensor([(k * golden) % 2**64 - (2**64 if (k * golden) % 2**64 >= 2**63 else 0) for k in (1, 2, 3)])
    outputs = [word % 2**64 for word in mix(states).tolist()]
    assert outputs == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_uniform_draws_fill_minus_one_to_one_evenly(count: int) -> None:
    drawn = uniform(sample_keys(1, 2, INDICES), field=0, count=count).double()
    assert drawn.shape == (10_000, count)
    assert -1 < drawn.min() < -0.999
    assert 0.999 < drawn.max() < 1
    for power, moment in ((1, 0), (2, 1 / 3), (3, 0), (4, 1 / 5)):
        assert torch.allclose((drawn**power).mean(0), torch.tensor(moment, dtype=torch.float64), atol=0.02)
    tenths = torch.histc(drawn[:, 0], bins=10, min=-1, max=1)
    chi_squared = float(((tenths - 1000) ** 2 / 1000).sum())
    assert chi_squared < 27.9  # 9 degrees of freedom, p = 0.001


def test_normal_draws_have_the_standard_normals_moments() -> None:
    drawn = normal(sample_keys(1, 2, INDICES), field=5, count=10).double()
    assert drawn.shape == (10_000, 10)
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3)):
        assert float((drawn**power).mean()) == pytest.approx(moment, abs=0.06)
    correlation = torch.corrcoef(drawn.T) - torch.eye(10, dtype=torch.float64)
    assert correlation.abs().max() < 0.05


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"seed": 2}, id="seed"),
        pytest.param({"epoch": 3}, id="epoch"),
        pytest.param({"field": 1}, id="field"),
        pytest.param({"offset": 1}, id="index"),
        pytest.param({"offset": 10_000}, id="far index"),
    ],
)
def test_draws_are_independent_of_those_of_another(other: dict[str, int]) -> None:
    def draw(seed: int = 1, epoch: int = 2, field: int = 0, offset: int = 0) -> torch.Tensor:
        return uniform(sample_keys(seed, epoch, INDICES + offset), field, 1)[:, 0].double()

    here, there = draw(), draw(**other)
    assert abs(float(torch.corrcoef(torch.stack([here, there]))[0, 1])) < 0.04
    assert abs(float(torch.corrcoef(torch.stack([here**2, there**2]))[0, 1])) < 0.04
    assert int((here == there).sum()) < 10


def test_seed_and_epoch_do_not_stand_for_each_other() -> None:
    assert not torch.equal(sample_keys(1, 2, INDICES), sample_keys(2, 1, INDICES))


def test_keys_do_not_depend_on_the_other_indices() -> None:
    whole = sample_keys(7, 1, INDICES)
    assert torch.equal(whole[[5, 9_999, 3]], sample_keys(7, 1, torch.tensor([5, 9_999, 3])))
    assert len(set(whole.tolist())) == len(INDICES)


@pytest.mark.parametrize("seed", [-1, 0, 2**63 - 1, 2**64 + 5])
def test_any_integer_is_a_seed(seed: int) -> None:
    assert torch.isfinite(uniform(sample_keys(seed, 2**40, INDICES[:4]), 0, 3)).all()


def test_nothing_is_drawn_for_no_samples() -> None:
    keys = sample_keys(0, 0, INDICES[:0])
    assert uniform(keys, 0, 2).shape == (0, 2)
    assert normal(keys, 0, 98).shape == (0, 98)
