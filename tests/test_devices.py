"""Every tensor of every model follows its device, tried on a machine without a second one.

The second device here is the CPU under another name, which refuses what a GPU would refuse. Tensors on it say
that they are on "meta", a device that torch knows and that has no memory; their numbers are in a tensor of
the CPU. So results are those of the CPU, bit for bit, and what forgets to move a tensor fails as with CUDA:
an operation on tensors of both devices, `numpy()` without `cpu()`, a generator of the CPU for numbers drawn
elsewhere. As there, a single number may be mixed with others, and so may indices on the CPU.
"""

import numpy as np
import pytest
import scipy.sparse
import torch
import torch.optim.optimizer as optimizers
from sklearn.base import clone
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

import fourmasks
from fourmasks.baselines.matrix import MatrixFactorization
from fourmasks.baselines.ranking.catalogue import MODELS as RANKERS
from fourmasks.baselines.ratings.catalogue import MODELS as RATING_MODELS
from fourmasks.baselines.top_n.catalogue import MODELS as RECOMMENDERS
from fourmasks.mmf.models import pairs
from fourmasks.system import device as devices

pytestmark = pytest.mark.usefixtures("one_thread")

FAR = torch.device("meta")
aten = torch.ops.aten
MOVES = (aten._to_copy.default, aten.copy_.default)
INDEXED = (aten.index.Tensor, aten.index_put.default, aten.index_put_.default, aten._index_put_impl_.default)


class FarTensor(torch.Tensor):
    """A tensor on the second device; `near` holds its numbers."""

    @staticmethod
    def __new__(cls, near):
        layout = {}  # a sparse matrix looks dense from outside: torch asks wrappers for no layout
        if near.layout is torch.strided:
            layout = {"strides": near.stride(), "storage_offset": near.storage_offset()}
        far = torch.Tensor._make_wrapper_subclass(cls, near.shape, dtype=near.dtype, device=FAR, **layout)
        far.near = near
        return far

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        with _Dispatch():
            return func(*args, **kwargs or {})


class _Dispatch(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        given = [one for one in tree_flatten((args, kwargs))[0] if isinstance(one, torch.Tensor)]
        far = [one for one in given if isinstance(one, FarTensor)]
        near = [one for one in given if not isinstance(one, FarTensor)]
        if any(one.device == FAR for one in near):
            raise RuntimeError(f"{func} got a tensor without memory: made past the second device")
        if far and func not in MOVES and func not in INDEXED and any(one.dim() for one in near):
            raise RuntimeError(f"{func} got tensors on two devices")
        goes_far = bool(far)
        if kwargs.get("device") is not None:
            goes_far, kwargs["device"] = torch.device(kwargs["device"]) == FAR, torch.device("cpu")
        elif func is aten.copy_.default:
            goes_far = isinstance(args[0], FarTensor)
        if goes_far and kwargs.get("generator") is not None:
            raise RuntimeError(f"{func} got a generator of the CPU for a tensor on the second device")
        wrappers = {id(one.near): one for one in far}
        found = func(*tree_map(_near, args), **tree_map(_near, kwargs))
        return tree_map(lambda one: _far(one, wrappers) if goes_far else one, found)


class SecondDevice(TorchFunctionMode):
    """With it tensors can be made on, and moved to, the second device."""

    def __enter__(self):
        self._dispatch = _Dispatch()
        self._dispatch.__enter__()
        return super().__enter__()

    def __exit__(self, *raised):
        super().__exit__(*raised)
        self._dispatch.__exit__(*raised)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if func in (torch.tensor, torch.as_tensor) and kwargs.get("device") is not None:
            device = torch.device(kwargs.pop("device"))  # they would copy past the dispatcher
            needs = kwargs.pop("requires_grad", False)
            return func(*args, **kwargs).to(device).requires_grad_(needs)
        if func is torch.Tensor.tolist and isinstance(args[0], FarTensor):
            return args[0].detach().near.tolist()
        if func == torch.Tensor.data.__set__ and isinstance(args[0], FarTensor):
            args[0].near = args[1].near  # the setter changes what torch sees, not the object
        return func(*args, **kwargs)


def _near(one):
    return one.near if isinstance(one, FarTensor) else one


def _far(one, wrappers):
    if not isinstance(one, torch.Tensor):
        return one
    return wrappers.get(id(one)) if id(one) in wrappers else FarTensor(one)


@pytest.fixture
def second_device(monkeypatch):
    """Let our code and torch's optimizers know of the second device, which is as good as CUDA."""
    monkeypatch.setattr(devices, "existing_devices", lambda: {FAR.type: 1, "cpu": 1})
    monkeypatch.setitem(pairs.CELLS_PER_PAIR, FAR.type, pairs.CELLS_PER_PAIR["cuda"])
    kinds = optimizers._get_fused_kernels_supported_devices()
    monkeypatch.setattr(optimizers, "_get_fused_kernels_supported_devices", lambda: [*kinds, FAR.type])
    with SecondDevice():
        yield FAR


SHORT = {"epochs": 2, "batch_size": 64}
SMALL = {"hidden": 8, "latent": 3, "rank": 8}
MODELS = [
    *(fourmasks.MMF(4, solver=solver, max_iter=3, verbose=False) for solver in ("alternating-lm", "adam")),
    MatrixFactorization(2, epochs=3, verbose=False),
    *(fourmasks.RatingMMF(4, n_masks=2, shifts=s, **SHORT) for s in ("learned", "zero", "constant", "none")),
    *(fourmasks.LUNetRecommender(network=name, dimension=4, **SHORT) for name in ("lu", "coupling", "mlp")),
    *(make(epochs=2) for make in RATING_MODELS.values()),
    *(fourmasks.RankingMMF(rank=8, n_masks=2, shifts=shifts, **SHORT) for shifts in ("learned", "constant")),
    *(make(rank=8, **SHORT) for make in RANKERS.values()),
    *(make(hidden=8, latent=3, alignment=kind, **SHORT) for make in (fourmasks.MultiVAE, fourmasks.RecVAE)
      for kind in ("none", "items")),
    *(make(**{name: value for name, value in (SMALL | SHORT).items() if hasattr(make, name)})
      for make in RECOMMENDERS.values()),
]  # fmt: skip
MODELS = [model for model in MODELS if "device" in model.get_params()]


@pytest.fixture(scope="module")
def data():
    """Small data of each kind, with what stops a training."""
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((30, 20)) < 0.5)
    ratings = fourmasks.make_ratings("small", users, items, rng.integers(1, 6, len(users)), (30, 20), (1, 5))
    shown = (rng.random((9, 20)) < 0.5).astype(np.float32)
    shown[:, 0], shown[:, 1] = 1, 0
    targets = np.zeros_like(shown)
    targets[:, 1] = 1
    return {
        "matrix": rng.standard_normal((9, 8)),
        "split": fourmasks.split(ratings, "random", seed=0, validation=0.1),
        "likes": fourmasks.implicit_split(ratings, seed=0),
        "users": scipy.sparse.csr_array((np.ones(len(users), np.float32), (users, items)), shape=(30, 20)),
        "held out": tuple(map(scipy.sparse.csr_array, (shown, targets))),
    }


def outcome(model, data):
    """Fit a model, and return all that it then says."""
    if hasattr(model, "reconstruct"):
        return model.fit(data["matrix"]).reconstruct()
    if model.__module__.startswith(("fourmasks.baselines.top_n", "fourmasks.pia")):
        return model.fit(data["users"], data["held out"]).predict(data["held out"][0])
    if hasattr(model, "score_items") and not hasattr(model, "predict"):
        return model.fit(data["likes"].train, data["likes"].validation).score_items(np.arange(5))
    split = data["split"]
    return model.fit(split.train, split.validation).predict(split.test.users, split.test.items)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_a_model_gives_the_same_on_a_second_device(model, data, second_device):
    expected = outcome(clone(model).set_params(device="cpu"), data)
    found = outcome(clone(model).set_params(device=str(second_device)), data)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, expected)


def test_the_second_device_refuses_what_a_gpu_refuses(second_device):
    here, there = torch.ones(3), torch.ones(3, device=second_device)
    for mixed in (lambda: here + there, lambda: there @ here, lambda: torch.cat([here, there])):
        with pytest.raises(RuntimeError, match="two devices"):
            mixed()
    with pytest.raises(RuntimeError):
        there.numpy()
    with pytest.raises((RuntimeError, TypeError)):
        np.asarray(there)
    with pytest.raises(RuntimeError, match="generator"):
        torch.randn(3, device=second_device, generator=torch.Generator())
    assert (there + torch.tensor(1.0)).cpu().tolist() == [2, 2, 2]
    assert there[torch.tensor([0, 2])].tolist() == [1, 1]
    for made in (torch.tensor([1.0, 2.0], device=second_device), torch.arange(1.0, 3.0).to(second_device)):
        assert made.device == second_device and made.tolist() == [1, 2] and made.cpu().device.type == "cpu"
    with pytest.raises(RuntimeError, match="two devices"):
        torch.ones(2, requires_grad=True) * torch.ones(2, device=second_device)
    leaf = torch.ones(3, device=second_device, requires_grad=True)
    (leaf * leaf).sum().backward()
    assert leaf.grad.device == second_device and leaf.grad.tolist() == [2, 2, 2]


def test_a_flow_gives_the_same_on_a_second_device(second_device):
    flow = fourmasks.LUFlow(3, 2, generator=torch.Generator().manual_seed(0))
    points = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
    expected = all_of(flow, points)
    found = all_of(flow.to(second_device), points.to(second_device))
    for one, other in zip(found, expected, strict=True):
        assert one.device == second_device
        torch.testing.assert_close(one.detach().cpu(), other.detach(), rtol=0, atol=0)
    flow.log_prob(points.to(second_device)).sum().backward()
    assert {parameter.grad.device for parameter in flow.parameters()} == {second_device}


def all_of(flow, points):
    """Return all that a flow says of points, and some that it draws."""
    drawn = flow.sample(4, torch.Generator().manual_seed(2))
    return flow(points), flow.inverse(points), *flow.forward_and_log_det(points), flow.log_prob(points), drawn
