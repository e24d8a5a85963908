"""The map of the house: what it says of each room, and that CONTRIBUTING.md shows it."""

import pytest

from fourmasks.book import house
from fourmasks.book.house import FLOORS, MARKS, floor_of, house_map, main, rooms
from fourmasks.system.paths import project_root


@pytest.fixture
def small(tmp_path):
    """Return a package with three rooms."""
    modules = {
        "fourmasks/__init__.py": '"""All."""\n',
        "fourmasks/mmf/__init__.py": '"""Masks (Park et al. (2026), Table\n4). `models` has them."""\n',
        "fourmasks/mmf/models/__init__.py": '"""What is fitted."""\n',
        "fourmasks/mmf/models/masks.py": "import numpy\nfrom fourmasks.mmf.models import other\n",
        "fourmasks/mmf/models/other.py": "def f():\n    import fourmasks.system.names\n",
        "fourmasks/system/__init__.py": '"""The machine."""\n',
        "fourmasks/system/names.py": "from fourmasks import __version__\n",
    }
    for name, text in modules.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "fourmasks"


@pytest.fixture(scope="module")
def ours():
    """Return the rooms of this package, read once; the command finds them, too."""
    found = rooms()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house, "rooms", lambda: found)
        yield found


def test_rooms_have_a_purpose_modules_and_what_they_import(small):
    found = {name: (r.purpose, r.n_modules, r.imports) for name, r in rooms(small).items()}
    assert found == {
        "mmf": ("Masks (Park et al. (2026), Table 4).", 0, ()),
        "mmf/models": ("What is fitted.", 2, ("system",)),
        "system": ("The machine.", 1, ()),
    }


def test_the_map_has_a_table_for_each_floor_and_a_row_for_each_room(small):
    lines = house_map(rooms(small)).splitlines()
    assert [line.strip("*") for line in lines if line.startswith("**")] == list(FLOORS)
    assert [line for line in lines if line.startswith("| `")] == [
        "| `mmf/` | Masks (Park et al. (2026), Table 4). |  |  |",
        "| `mmf/models/` | What is fitted. | 2 | system |",
        "| `system/` | The machine. | 1 |  |",
    ]


def test_no_room_is_left_out_of_the_map(ours):
    assert [name for name, room in ours.items() if not room.purpose or floor_of(name) is None] == []


def test_contributing_shows_the_map_that_the_command_prints(ours, capsys):
    main([])
    text = (project_root() / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = text.partition(MARKS[0])[2].partition(MARKS[1])[0]
    assert shown.strip() == capsys.readouterr().out.strip(), "run `python -m fourmasks.book.house --write`"


def test_the_map_replaces_what_was_between_the_marks_and_nothing_else(ours, tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))
    page = tmp_path / "CONTRIBUTING.md"
    page.write_text(f"before\n{MARKS[0]}\nold\n{MARKS[1]}\nafter\n")
    main(["--write"])
    assert page.read_text() == f"before\n{MARKS[0]}\n{house_map(ours)}\n{MARKS[1]}\nafter\n"
