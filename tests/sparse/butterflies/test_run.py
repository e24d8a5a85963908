"""Single runs on fast transforms: structure, errors in the matrix, chains."""

from fourmasks.sparse.butterflies.run import run_chain, run_disturbed, run_structure


def test_structure_of_the_cuts_and_of_the_cosine_transform():
    found = run_structure(16)["metrics"]
    assert found["shared"] == found["uncovered"] == found["odd_pairs"] == 0 < found["cosine_pairs"] == 8
    assert not found["cosine_may_be_butterfly"]
    assert run_structure(4)["metrics"]["cosine_may_be_butterfly"] == 1  # of size 4 it is one


def test_least_squares_averages_errors_out():
    lazy, careful = (
        run_disturbed("dft", 16, 1e-3, flag, 0)["metrics"]["amplification"] for flag in (False, True)
    )
    assert careful < 1 < lazy


def test_least_squares_is_no_worse_along_a_chain():
    found = run_chain(5, 0)["metrics"]
    assert 0 <= found["log_least_squares"] <= found["log_completion"] + 1e-12
    assert found == run_chain(5, 0)["metrics"]
