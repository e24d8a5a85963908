import io
import tarfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.data.readers import netflix, text

PATH = Path("some") / "combined_data_1.txt"
NAMES = [f"combined_data_{k}.txt" for k in (1, 2, 3, 4)]

dates = st.sampled_from(["2005-09-06", "1999-12-31", "2004-01-30"])
ratings = st.lists(st.tuples(st.integers(1, 2_649_429), st.integers(1, 5), dates), max_size=6)
films = st.lists(st.tuples(st.integers(1, 17_770), ratings), min_size=1, max_size=6)


def written(content):
    lines = []
    for film, rows in content:
        lines.append(f"{film}:")
        lines += [f"{user},{rating},{date}" for user, rating, date in rows]
    return "\n".join(lines).encode()


def expected(content, threshold):
    return [(user, film) for film, rows in content for user, rating, _ in rows if rating >= threshold]


def pairs(users, films):
    return list(zip(users.tolist(), films.tolist(), strict=True))


def four_files(folder, *contents):
    files = {name: folder / name for name in NAMES}
    for path, content in zip(files.values(), [*contents, *[b""] * (4 - len(contents))], strict=True):
        path.write_bytes(content)
    return files


def tar(members, mode="w"):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


@settings(max_examples=60)
@given(content=films, size=st.integers(1, 60), threshold=st.integers(1, 5), end=st.sampled_from(["", "\n"]))
def test_parsing_agrees_with_python_however_the_file_is_cut(content, size, threshold, end):
    stream, film, found = io.BytesIO(written(content) + end.encode()), 0, []
    for first, block in text.blocks(stream, size):
        users, of_film, stars, film = netflix._parse(block, first, PATH, film)
        high = stars >= threshold
        found += pairs(users[high], of_film[high])
    assert found == expected(content, threshold)


def test_four_files_one_after_another(tmp_path):
    first = [(1, [(7, 5, "2005-09-06"), (2649429, 3, "2005-09-06")])]
    second = [(17770, [(8, 4, "2005-09-06")])]
    users, films, source = netflix.read(four_files(tmp_path, written(first), written(second)), 4)
    assert pairs(users, films) == [(7, 1), (8, 17770)]
    assert (users.dtype, films.dtype) == (np.int32, np.int16)
    assert source == "combined_data_1.txt to combined_data_4.txt"


def test_lines_may_end_as_on_windows(tmp_path):
    content = written([(3, [(7, 5, "2005-09-06"), (9, 4, "2005-09-06")])]).replace(b"\n", b"\r\n")
    users, films, _ = netflix.read(four_files(tmp_path, content), 4)
    assert pairs(users, films) == [(7, 3), (9, 3)]


def test_the_archive_of_the_competition(tmp_path):
    inner = {
        "training_set/mv_0000002.txt": b"2:\n5,4,2005-09-06\n",
        "training_set/README": b"no",
        "training_set/mv_0000001.txt": b"1:\n6,1,2005-09-06\n7,5,2005-09-06\n",
    }
    members = {"download/README": b"no", "download/training_set.tar": tar(inner), "probe.txt": b"1:\n6\n"}
    path = tmp_path / "nf_prize_dataset.tar.gz"
    path.write_bytes(tar(members, "w:gz"))
    users, films, source = netflix.read({path.name: path}, 4)
    assert pairs(users, films) == [(5, 2), (7, 1)] and source == path.name

    whole = path.read_bytes()
    for damaged in (whole[:-60], whole[:-6] + b"\1" + whole[-5:]):  # cut off; another checksum
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"nf_prize_dataset.tar.gz: not a whole archive"):
            netflix.read({path.name: path}, 4)
    header = tar(inner).replace(b"mv_0000001.txt", b"mv_000000\0.txt")  # its checksum is wrong
    path.write_bytes(tar({"download/training_set.tar": header}, "w:gz"))
    with pytest.raises(ValueError, match=r"nf_prize_dataset.tar.gz: not a whole archive"):
        netflix.read({path.name: path}, 4)
    path.write_bytes(tar({"download/README": b"no"}, "w:gz"))
    with pytest.raises(ValueError, match=r"nf_prize_dataset.tar.gz: no ratings in it"):
        netflix.read({path.name: path}, 4)


def test_four_empty_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"combined_data_1.txt: no ratings in it"):
        netflix.read(four_files(tmp_path), 4)


def test_a_broken_line_in_the_archive_is_named(tmp_path):
    inner = tar({"training_set/mv_0000002.txt": b"2:\n5,4,2005-09-06\n5;4\n"})
    path = tmp_path / "nf_prize_dataset.tar.gz"
    path.write_bytes(tar({"download/training_set.tar": inner}, "w:gz"))
    with pytest.raises(ValueError, match=r"mv_0000002.txt, line 3: '5;4', expected 'user,rating,date'"):
        netflix.read({path.name: path}, 4)


@pytest.mark.parametrize(
    "broken",
    [
        "", "7", "7,5", "7,5,2005-09-0", "7,5,2005-09-066", "7,0,2005-09-06", "7,6,2005-09-06",
        ",5,2005-09-06", "12345678,5,2005-09-06", "-7,5,2005-09-06", "7.5,5,2005-09-06", "7,5,2005/09/06",
        "7,5,2005-0x-06", "7:5,2005-09-06", "7;5,2005-09-06", "7,5;2005-09-06", " 7,5,2005-09-06",
        "7,5,2005-09-06 ", "0:", "17:1", ":", "40000:", "123456:", "x:", "7,5,2005-09-06:", "é",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "\n8,3,2005-09-06\n"])
def test_a_broken_line_is_named(tmp_path, broken, end):
    good = "1:\n7,5,2005-09-06\n2:\n9,1,2005-09-06\n"
    files = four_files(tmp_path, b"3:\n", (good + (broken or "\n") + end).encode())
    with pytest.raises(ValueError, match=r"combined_data_2.txt, line 5: '.*', expected 'user,rating,date'"):
        netflix.read(files, 4)


def test_ratings_of_no_film_are_refused(tmp_path):
    files = four_files(tmp_path, b"1:\n7,5,2005-09-06\n", b"7,5,2005-09-06\n2:\n")
    with pytest.raises(ValueError, match=r"combined_data_2.txt, line 1: '7,5,2005-09-06', expected"):
        netflix.read(files, 4)


def test_lines_are_counted_over_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(text.blocks, "__defaults__", (40,))
    content = "1:\n" + "7,5,2005-09-06\n" * 20 + "oh\n" + "7,5,2005-09-06\n" * 20
    with pytest.raises(ValueError, match=r"line 22: 'oh'"):
        netflix.read(four_files(tmp_path, content.encode()), 4)


def test_a_file_without_line_ends_is_not_read_as_one_line(tmp_path):
    with pytest.raises(ValueError) as raised:
        netflix.read(four_files(tmp_path, b"x" * 10**6), 4)
    assert len(str(raised.value)) < 300


def test_memory_is_bounded_by_the_pairs_that_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(text.blocks, "__defaults__", (2**16,))
    n = 400_000
    users = np.random.default_rng(0).integers(10**6, 2 * 10**6, n)
    lines = "".join(f"{user},{4 if user % 4 == 0 else 2},2005-09-06\n" for user in users)
    files = four_files(tmp_path, ("1:\n" + lines).encode())
    tracemalloc.start()
    kept, _, _ = netflix.read(files, 4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(kept) == np.count_nonzero(users % 4 == 0)
    # Blocks and their copies, and the pairs twice: as parts and as a whole. The file has 22 bytes a line.
    assert peak < 30 * 2**16 + 2 * 6 * len(kept) < 0.6 * files[NAMES[0]].stat().st_size
