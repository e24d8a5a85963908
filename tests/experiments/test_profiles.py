"""Profiles: what an option can be told, what it may be, and what is refused."""

from dataclasses import FrozenInstanceError, dataclass, fields, make_dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.experiments.profiles import (
    Options,
    describe,
    dtype_option,
    option,
    resolve,
    threads_option,
)
from fourmasks.system.names import check_profile


@dataclass(frozen=True)
class Config(Options):
    datasets: tuple[str, ...] = option(("s6", "s7"), help="which matrices", choices=["s6", "s7", "yale-b"])
    ranks: tuple[int, ...] = option((20,), may_be_empty=True, help="ranks of the factors")
    rates: tuple[float, ...] = option((0.1, 0.01), help="learning rates")
    epochs: int = option(5, help="passes over the data")
    decay: float = option(0.5, help="weight decay")
    method: str = option("dmf", help="the model", choices=("dmf", "svd"))
    masked: bool = option(True, help="whether to mask")
    name: str = option("x", help="any text")


PROFILES = {"smoke": Config(epochs=1), "book": Config(), "paper": Config(("yale-b",), epochs=100)}
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text("abcdefg-0123456789", min_size=1, max_size=6)


def test_none_and_nothing_mean_as_the_profile_says():
    assert resolve(PROFILES, "book") == Config()
    assert resolve(PROFILES, "paper", epochs=None, datasets=None) == Config(("yale-b",), epochs=100)


def test_an_override_changes_its_option_and_no_other():
    assert resolve(PROFILES, "smoke", masked=False) == Config(epochs=1, masked=False)
    assert PROFILES["smoke"] == Config(epochs=1)
    with pytest.raises(FrozenInstanceError):
        resolve(PROFILES, "smoke").epochs = 3


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("ranks", 20, (20,)),
        ("ranks", [20, 30], (20, 30)),
        ("ranks", "20,30", (20, 30)),
        ("ranks", "(20, 30)", (20, 30)),
        ("ranks", "(20,)", (20,)),
        ("ranks", "[20]", (20,)),
        ("ranks", " 20 , 30 ", (20, 30)),
        ("ranks", range(2), (0, 1)),
        ("ranks", [20.0, "30", np.int64(40)], (20, 30, 40)),
        ("ranks", (), ()),
        ("datasets", "yale-b", ("yale-b",)),
        ("datasets", "s6,s7", ("s6", "s7")),
        ("rates", "1e-3,2", (0.001, 2.0)),
        ("rates", 1, (1.0,)),
        ("epochs", 1e3, 1000),
        ("epochs", "7", 7),
        ("decay", 1, 1.0),
        ("decay", "1e-4", 1e-4),
        ("decay", np.float32(0.25), 0.25),
        ("masked", "False", False),
        ("masked", "true", True),
        ("name", "7", "7"),
    ],
)
def test_a_value_that_stands_for_one_of_the_type_is_converted(name, given, expected):
    value = getattr(resolve(PROFILES, "book", **{name: given}), name)
    assert value == expected
    items, wanted = (value, expected) if isinstance(expected, tuple) else ([value], [expected])
    assert [type(item) for item in items] == [type(item) for item in wanted]


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("epochs", "many", "int, such as 5"),
        ("epochs", 2.5, "int"),
        ("epochs", "2.0", "int"),
        ("epochs", True, "int"),
        ("epochs", [3], "int"),
        ("epochs", float("inf"), "int"),
        ("epochs", float("nan"), "int"),
        ("ranks", "20,", r"tuple\[int, ...\], such as \(20,\)"),
        ("ranks", [[20]], "tuple"),
        ("ranks", {20: 1}, "tuple"),
        ("ranks", "", "tuple"),
        ("rates", "0.1;0.2", r"tuple\[float, ...\]"),
        ("decay", "nan", "float"),
        ("decay", float("inf"), "float"),
        ("decay", 10**400, "float"),
        ("decay", False, "float"),
        ("masked", 1, "bool"),
        ("masked", "maybe", "bool"),
        ("name", 7, "str"),
        ("name", "", "str"),
    ],
)
def test_another_value_is_refused_with_the_expected_type(name, given, expected):
    with pytest.raises(TypeError, match=rf"^option {name} is .*: expected {expected}"):
        resolve(PROFILES, "book", **{name: given})


def test_an_unknown_name_is_refused_with_the_valid_ones_and_the_nearest():
    with pytest.raises(TypeError, match=r"unknown option 'epoch': .*datasets, .*Did you mean 'epochs'\?"):
        resolve(PROFILES, "book", epoch=3)
    with pytest.raises(TypeError, match="unknown option 'zzz'") as refused:
        resolve(PROFILES, "book", zzz=None)
    assert "mean" not in str(refused.value)
    for call in (lambda: resolve(PROFILES, "papr"), lambda: check_profile("papr")):
        with pytest.raises(ValueError, match="expected one of smoke, book, paper. Did you mean 'paper'"):
            call()


def test_choices_hold_for_each_element():
    with pytest.raises(ValueError, match=r"unknown datasets 's8': expected one of s6, s7, yale-b"):
        resolve(PROFILES, "book", datasets="s6,s8")
    with pytest.raises(ValueError, match=r"unknown method 'DMF': expected one of dmf, svd"):
        resolve(PROFILES, "book", method="DMF")


def of(given, default=1, **said):
    """Return options of which one, called rank, is given."""
    kind = make_dataclass(
        "Own", [("rank", type(given), option(default, help="", **said))], bases=(Options,), frozen=True
    )
    return kind(given)


@pytest.mark.parametrize(
    ("bounds", "inside", "outside", "expected"),
    [
        ({"least": 1}, [1, 2], [0, -1], "at least 1"),
        ({"most": 3}, [3, -9], [4], "at most 3"),
        ({"above": 0}, [1e-300, 1], [0, -1], "above 0"),
        ({"below": 1}, [0.999], [1, 1.5], "below 1"),
        ({"least": 0, "below": 1}, [0, 0.5], [-0.1, 1], "at least 0 and below 1"),
        ({"above": 0, "most": 1}, [0.1, 1], [0, 1.1], "above 0 and at most 1"),
        ({"least": 2, "most": 2}, [2], [1, 3], "at least 2 and at most 2"),
        ({"least": 1}, [], [float("nan")], "at least 1"),
    ],
)
def test_a_value_lies_within_its_bounds_and_so_does_each_of_a_tuple(bounds, inside, outside, expected):
    for value in inside:
        assert of(value, **bounds).rank == value
        assert of((value, *inside), **bounds).rank == (value, *inside)
    for value in outside:
        for held in (value, (*inside, value)):
            with pytest.raises(ValueError, match=f"^rank = {value}: expected {expected}$"):
                of(held, **bounds)


def test_a_tuple_is_not_empty_unless_it_may_be():
    with pytest.raises(ValueError, match="^rank is empty: expected at least one$"):
        of((), least=1, choices=(1, 2))
    assert of((), least=1, choices=(1, 2), may_be_empty=True).rank == ()


def test_choices_need_not_be_texts():
    assert of((2, 1), choices=(1, 2)).rank == (2, 1)
    with pytest.raises(ValueError, match="^unknown rank 3: expected one of 1, 2"):
        of(3, choices=iter((1, 2)))


def test_an_override_out_of_its_range_is_refused_and_a_profile_too():
    profiles = {"smoke": of(1, least=1)}
    assert resolve(profiles, "smoke", rank="4").rank == 4
    with pytest.raises(ValueError, match="^rank = 0: expected at least 1$"):
        resolve(profiles, "smoke", rank=0)


@dataclass(frozen=True)
class Base(Options):
    trials: int = option(2, least=0, help="settings tried")
    threads: int = threads_option()

    def check(self):
        if self.trials and not self.threads:
            raise ValueError(f"trials = {self.trials}: expected 0 without threads")


@dataclass(frozen=True)
class Derived(Base):
    epochs: int = option(3, least=1, help="passes")

    def check(self):
        super().check()
        if self.epochs < self.trials:
            raise ValueError(f"epochs = {self.epochs}: expected as many as trials, {self.trials}")


def test_options_and_checks_are_inherited():
    assert Derived(0, 0, 1).threads == 0
    for values, message in [
        ((-1, 1, 1), "trials = -1: expected at least 0"),  # each option comes before what they are together
        ((2, 1, 0), "epochs = 0: expected at least 1"),
        ((2, 0, 3), "trials = 2: expected 0 without threads"),
        ((2, 1, 1), "epochs = 1: expected as many as trials, 2"),
    ]:
        with pytest.raises(ValueError, match=f"^{message}$"):
            Derived(*values)
    with pytest.raises(ValueError, match="expected 0 without threads"):
        resolve({"book": Derived()}, "book", threads=0)


def test_threads_and_precisions():
    @dataclass(frozen=True)
    class Shared(Options):
        threads: int = threads_option()
        more: int = threads_option(4)
        dtype: str = dtype_option()
        low: str = dtype_option("float32")

    assert Shared() == Shared(1, 4, "float64", "float32")
    assert Shared(threads=0).threads == 0
    with pytest.raises(ValueError, match="^threads = -1: expected at least 0$"):
        Shared(threads=-1)
    with pytest.raises(ValueError, match="^unknown dtype 'float16': expected one of float32, float64"):
        Shared(dtype="float16")


def test_describe_names_types_values_and_help():
    described = describe(resolve(PROFILES, "smoke", ranks="5,6"))
    assert [row[0] for row in described] == [field.name for field in fields(Config)]
    assert ("ranks", "tuple[int, ...]", (5, 6), "ranks of the factors") in described
    assert ("epochs", "int", 1, "passes over the data") in described


CONFIGS = st.builds(
    Config,
    datasets=st.lists(st.sampled_from(["s6", "s7", "yale-b"]), min_size=1, max_size=4).map(tuple),
    ranks=st.lists(st.integers(), min_size=1, max_size=4).map(tuple),
    rates=st.lists(FLOATS, min_size=1, max_size=4).map(tuple),
    epochs=st.integers(),
    decay=FLOATS,
    method=st.sampled_from(["dmf", "svd"]),
    masked=st.booleans(),
    name=WORDS,
)


def as_text(value):
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def as_json(value):
    return list(value) if isinstance(value, tuple) else value


@given(CONFIGS, st.sampled_from([as_text, as_json, lambda value: value]))
def test_every_configuration_survives_being_told_as_text_json_or_itself(config, told):
    options = {name: told(value) for name, _, value, _ in describe(config)}
    resolved = resolve(PROFILES, "book", **options)
    assert resolved == config
    assert repr(resolved) == repr(config)  # the same types, too


def test_the_name_of_a_file_is_not_divided_at_commas(tmp_path):
    @dataclass(frozen=True)
    class Of(Options):
        dataset: tuple[str, ...] = option(("s6",), help="data", choices=("s6", "s7"), or_file=True)

    path = tmp_path / "a,b" / "c.csv"
    path.parent.mkdir()
    path.touch()
    for value, found in (
        (f"{path}", (f"{path}",)), (f"{path}?scale=1:5", (f"{path}?scale=1:5",)), ("s6,s7", ("s6", "s7")),
    ):  # fmt: skip
        assert resolve({"smoke": Of()}, "smoke", dataset=value).dataset == found
