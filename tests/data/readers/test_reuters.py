import io
import math
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.data.readers.reuters import document_term_matrix, even_steps, read_bodies

HEAD = '<!DOCTYPE lewis SYSTEM "lewis.dtd">\n'


def story(number, text):
    return (
        f'<REUTERS TOPICS="YES" LEWISSPLIT="TRAIN" CGISPLIT="TRAINING-SET" OLDID="1" NEWID="{number}">\n'
        f"<DATE>26-FEB-1987</DATE>\n<TOPICS><D>cocoa</D></TOPICS>\n<UNKNOWN> \n&#5;&#5;C T</UNKNOWN>\n"
        f"<TEXT>&#2;\n<TITLE>TITLE &lt;ABC></TITLE>{text}</TEXT>\n</REUTERS>\n"
    )


def body(text):
    return f"<DATELINE>    SALVADOR, Feb 26 - </DATELINE><BODY>{text}\n Reuter\n&#3;</BODY>"


def archive(path, files):
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            content = text.encode("latin-1")
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def test_bodies_come_in_the_order_of_the_collection(tmp_path):
    files = {
        "reut2-001.sgm": HEAD + story(3, body("third\nstory")),
        "README.txt": "about <REUTERS ><BODY>not a story</BODY></REUTERS>",
        "lewis.dtd": "",
        "reut2-000.sgm": HEAD + story(1, body("first")) + story(2, body("second")),
    }
    bodies = read_bodies(archive(tmp_path / "reuters21578.tar.gz", files))
    assert [text.split()[0] for text in bodies] == ["first", "second", "third"]


def test_stories_without_a_body_are_left_out(tmp_path):
    files = {
        "reut2-000.sgm": HEAD
        + story(1, "")
        + story(2, "\nunformatted text ")
        + story(3, "<BODY> \n </BODY>")
        + story(4, body("kept"))
    }
    bodies = read_bodies(archive(tmp_path / "r.tar.gz", files))
    assert len(bodies) == 1 and bodies[0].startswith("kept")


def test_entities_and_latin_1_become_characters(tmp_path):
    files = {"reut2-000.sgm": HEAD + story(1, body("caf\xe9 &lt;XYZ.O> P&amp;L \xfc"))}
    (text,) = read_bodies(archive(tmp_path / "r.tar.gz", files))
    assert text.startswith("café <XYZ.O> P&L ü\n")


def test_an_archive_without_bodies_is_refused(tmp_path):
    path = archive(tmp_path / "r.tar.gz", {"reut2-000.sgm": HEAD + story(1, "")})
    with pytest.raises(ValueError, match="no .sgm file in it holds a story with a <BODY>"):
        read_bodies(path)


def test_weights_are_idf_of_present_terms_in_rows_of_unit_length():
    documents = ["wheat wheat wheat corn the", "wheat rice", "corn rice rice", "rice gold"]
    values = document_term_matrix(documents, n_documents=4, n_terms=3)
    # In alphabetical order corn, rice, wheat; "the" is a stop word, "gold" occurs once.
    idf = {k: math.log((1 + 4) / (1 + df)) + 1 for k, df in {"corn": 2, "rice": 3, "wheat": 2}.items()}
    rows = np.array([
        [idf["corn"], 0, idf["wheat"]],
        [0, idf["rice"], idf["wheat"]],
        [idf["corn"], idf["rice"], 0],
        [0, idf["rice"], 0],
    ])  # fmt: skip
    assert np.allclose(values, rows / np.linalg.norm(rows, axis=1, keepdims=True), atol=1e-7)


def test_documents_and_terms_are_taken_at_even_steps():
    documents = ["aa cc ee", "unused", "aa bb dd", "unused", "bb cc ff", "unused", "dd ee ff", "unused"]
    values = document_term_matrix(documents, n_documents=4, n_terms=3)
    assert np.array_equal(values != 0, [[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])  # aa, cc, ee


def test_values_have_single_precision():
    values = document_term_matrix(["aa bb", "aa bb cc", "bb cc"], n_documents=3, n_terms=3)
    assert values.dtype == np.float64
    assert np.array_equal(values, values.astype(np.float32))


def test_too_few_documents_or_terms_are_refused():
    with pytest.raises(ValueError, match="2 stories have a body, expected at least 3"):
        document_term_matrix(["aa bb", "aa bb"], n_documents=3, n_terms=2)
    with pytest.raises(ValueError, match="2 terms occur in two documents, expected at least 3"):
        document_term_matrix(["aa bb", "aa bb"], n_documents=2, n_terms=3)


@given(total=st.integers(1, 10**6), data=st.data())
def test_even_steps_start_at_zero_and_differ_by_one_at_most(total, data):
    count = data.draw(st.integers(1, min(total, 500)))
    steps = even_steps(total, count)
    assert len(steps) == count and steps[0] == 0
    gaps = np.diff(np.append(steps, total))
    assert gaps.min() >= 1 and gaps.max() - gaps.min() <= 1


@pytest.mark.skipif(not os.environ.get("FOURMASKS_DATA"), reason="FOURMASKS_DATA is not set")
def test_the_real_collection_has_its_known_number_of_bodies():
    path = Path(os.environ["FOURMASKS_DATA"]) / "reuters-21578" / "reuters21578.tar.gz"
    assert len(read_bodies(path)) == 19043
