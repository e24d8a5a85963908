import sys

import pytest

from fourmasks.data import own_table, registry
from fourmasks.data.files import parse
from fourmasks.system.extras import required


@pytest.mark.parametrize(
    ("package", "call"),
    [
        ("pandas", lambda path: own_table.read(parse(str(path)))),
        ("yaml", lambda path: registry.load_registry()),
    ],
)
def test_what_the_light_install_lacks_is_asked_for_in_one_line(tmp_path, monkeypatch, package, call):
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / "a.csv").write_text("user,item,rating\na,x,1\nb,y,2\n")
    with pytest.raises(
        ModuleNotFoundError, match=rf'^{package} is not installed: pip .* "fourmasks\[data\]"$'
    ):
        call(tmp_path / "a.csv")


def test_what_is_installed_is_returned():
    assert required("os.path").__name__ in {"posixpath", "ntpath"}
