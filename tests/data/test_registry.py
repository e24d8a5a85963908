import pytest

from fourmasks.data.registry import check_digest, find_dataset, load_registry

NAMES = {
    "ml-100k", "ml-1m", "ml-1m-loo", "ml-10m", "ml-20m", "netflix", "msd", "flixster", "douban", "yale-b",
    "reuters-21578", "lastfm-2k",
}  # fmt: skip

ENTRY = """
toy:
  title: A toy
  contents: nothing
  shape: [2, 3]
  homepage: https://example.org/
  licence: free
  citation: [lee2005acquiring]
  layouts:
    - - {name: toy.csv}
"""


@pytest.fixture
def read(tmp_path):
    def read(text):
        (tmp_path / "registry.yaml").write_text(text)
        return load_registry(tmp_path / "registry.yaml")

    return read


def test_all_data_sets_of_the_four_papers_are_there_and_one_more():
    assert load_registry().keys() == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_file_lies_in_a_layout_and_every_url_is_a_web_address(name):
    dataset = find_dataset(name)
    assert dataset.layouts and all(dataset.layouts)
    assert len(dataset.shape) == 2 and dataset.citation
    for layout in dataset.layouts:
        assert len({file.name for file in layout}) == len(layout)
        assert all(file.url is None or file.url.startswith(("https://", "http://")) for file in layout)


def test_an_entry_becomes_a_record(read):
    digest = "md5:" + "0" * 32
    toy = read(ENTRY.replace("toy.csv", f"toy.csv, bytes: 7, digests: [{digest}]"))["toy"]
    assert toy.folder == "toy" and toy.shape == (2, 3)
    assert toy.layouts[0][0].digests == (digest,) and toy.layouts[0][0].bytes == 7
    assert read(ENTRY + "  folder: other\n")["toy"].folder == "other"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  licence: free\n", "", "the field 'licence' is missing"),
        ("licence: free", "license: free", "the field 'licence' is missing"),
        ("  licence: free\n", "  licence: free\n  sise: 3\n", r"unknown field 'sise'.*shape"),
        ("title: A toy", "title: 7", "title is 7, expected str"),
        ("[2, 3]", "[2, three]", "shape is .*, expected a list of int"),
        ("{name: toy.csv}", "toy.csv", "expected a mapping, not 'toy.csv'"),
        ("{name: toy.csv}", "{name: ../toy.csv}", "'../toy.csv' is not a plain name"),
        ("{name: toy.csv}", "{name: toy.csv, digests: [md5:12]}", "digest 'md5:12', expected"),
        ("{name: toy.csv}", "{name: toy.csv, digest: x}", r"unknown field 'digest'.*Did you mean 'digests'"),
        ("licence: free", "licence: free\n  folder: /tmp", "'/tmp' is not a plain name"),
    ],
)
def test_a_wrong_entry_is_named(read, old, new, message):
    assert old in ENTRY
    with pytest.raises(ValueError, match=f"registry.yaml: toy: {message}"):
        read(ENTRY.replace(old, new))


def test_something_else_than_a_mapping_is_refused(read):
    with pytest.raises(ValueError, match="expected a mapping from names"):
        read("- toy")


def test_no_registry(tmp_path):
    with pytest.raises(FileNotFoundError, match="FOURMASKS_ROOT"):
        load_registry(tmp_path / "registry.yaml")


def test_an_unknown_data_set_gets_the_nearest():
    with pytest.raises(ValueError, match=r"unknown data set 'ml-10k'.*Did you mean 'ml-1"):
        find_dataset("ml-10k")


@pytest.mark.parametrize("digest", ["", "sha256:", "sha1:" + "0" * 40, "0" * 64, "md5:" + "G" * 32])
def test_bad_digests(digest):
    with pytest.raises(ValueError, match="a.zip: digest .* expected sha256: or md5:"):
        check_digest("a.zip", digest)
