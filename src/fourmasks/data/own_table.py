"""A table of one's own, packed or not: CSV, TSV or Parquet with users, items and, where needed, ratings."""

import csv
import gzip
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from fourmasks.data.errors import DataNotFound
from fourmasks.data.files import PACKED, TABLES, OwnFile, suffix
from fourmasks.data.readers.archives import whole

# What a column may be called, in lower case and without anything but letters.
USUAL = {
    "user": "user userid uid customer customerid reviewer reviewerid member memberid",
    "item": "item itemid iid movie movieid film filmid product productid asin artist artistid song songid"
    " track trackid book bookid isbn business businessid",
    "rating": "rating ratings score stars value overall plays playcount count weight",
    "time": "timestamp time unixreviewtime date datetime",
}
DELIMITERS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of a table, no pair of user and item twice.

    Attributes
    ----------
    users, items : ndarray of int64, shape (n,)
        Numbered in the order in which they first occur.
    values : ndarray of float32, shape (n,), or None
        Ratings, where there are some.
    times : ndarray of float64, shape (n,), or None
        Where there are some: whatever grows.
    user_ids, item_ids : ndarray of str
        What the file calls them, by number.
    """

    users: np.ndarray
    items: np.ndarray
    values: np.ndarray | None
    times: np.ndarray | None
    user_ids: np.ndarray
    item_ids: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Number of users and of items."""
        return len(self.user_ids), len(self.item_ids)


def read(source: OwnFile) -> Table:
    """Read a table.

    Raises
    ------
    DataNotFound
        If there is no such file.
    ValueError
        If it is none of these formats, is damaged, lacks a column, or a line is not what it should be; the
        message names the file, the line and the value.
    """
    import pandas

    rows = _Rows(source)
    columns = rows.roles()
    numbers = {role: pandas.factorize(rows.identifiers(columns[role], role)) for role in ("user", "item")}
    frame = pandas.DataFrame({role: number for role, (number, _) in numbers.items()})
    for role, column in columns.items():
        if role not in numbers:
            frame[role] = rows.numbers(column, role)
    user_ids, item_ids = (np.asarray(ids, str) for _, ids in numbers.values())
    for role, ids in (("user", user_ids), ("item", item_ids)):
        if len(ids) < 2:
            raise ValueError(f"{source.path}: the only {role} is {str(ids[0])!r}, expected two at least")
    frame = _without_duplicates(frame, rows, source.duplicates)
    values, times = (frame[role].to_numpy() if role in frame else None for role in ("rating", "time"))
    return Table(
        frame["user"].to_numpy(np.int64), frame["item"].to_numpy(np.int64),
        None if values is None else values.astype(np.float32), times, user_ids, item_ids,
    )  # fmt: skip


def _without_duplicates(frame, rows: "_Rows", rule: str):
    """Return the rows with each pair once, at its last place."""
    again = frame.duplicated(["user", "item"], keep="first").to_numpy()
    if not again.any():
        return frame
    if rule == "error":
        place = int(again.argmax())
        raise ValueError(
            f"{rows.where(place)}: this user and item occur before: {rows.text(place)!r}; expected every pair"
            " once, or a rule for duplicates: last or mean"
        )
    if rule == "mean" and "rating" in frame:
        frame = frame.assign(rating=frame.groupby(["user", "item"])["rating"].transform("mean"))
    ordered = frame.sort_values("time", kind="stable") if "time" in frame else frame
    return ordered.drop_duplicates(["user", "item"], keep="last").sort_index()


class _Rows:
    """The rows of a file as text or, of Parquet, as they are; and where each is, for messages."""

    def __init__(self, source: OwnFile):
        self.source, self.path = source, source.path
        content, name = unpacked(self.path)
        self.suffix = suffix(Path(name))
        if self.suffix not in TABLES:
            raise ValueError(f"{self.path}: expected a table, a file that ends in {', '.join(TABLES)}")
        self.frame = self._parquet(content) if self.suffix == ".parquet" else self._text(content)
        if not len(self.frame):
            raise ValueError(f"{self.path}: no rows")

    def _parquet(self, content: bytes):
        import pyarrow
        from pyarrow import parquet

        self.content = ""
        try:
            return parquet.read_table(io.BytesIO(content)).to_pandas()
        except (pyarrow.ArrowException, OSError) as error:
            raise ValueError(f"{self.path}: cannot be read as Parquet; get it again") from error

    def _text(self, content: bytes):
        import pandas

        if b"\0" in content:
            raise ValueError(f"{self.path}: holds bytes that no text has: expected a table as text")
        try:
            self.content = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise ValueError(
                f"{self.path}, line {line}: {content[error.start : error.start + 20]!r} is not UTF-8: save it"
                " as such"
            ) from error
        header = self.content.partition("\n")[0].strip()
        delimiter = DELIMITERS[self.suffix]
        if delimiter not in header:
            other = next((one for one in ",;\t|" if one in header), None)
            found = f"with {other!r} between the columns" if other else "with one column"
            raise ValueError(
                f"{self.path}, line 1: {header[:80]!r} {found}, expected {delimiter!r} between two at least"
            )
        try:
            frame = pandas.read_csv(
                io.StringIO(self.content), sep=delimiter, dtype=str, keep_default_na=False, index_col=False
            )
        except pandas.errors.ParserError as error:
            line = re.search(r"line (\d+)", str(error))
            place = f", line {line[1]}" if line else ""
            raise ValueError(
                f"{self.path}{place}: {str(error).strip()}; expected as many columns as the header"
            ) from None
        return frame.fillna("")

    def where(self, row: int) -> str:
        """Return the file and the line of a row, of Parquet its number from 1 on."""
        if self.suffix == ".parquet":
            return f"{self.path}, row {row + 1}"
        lines = csv.reader(io.StringIO(self.content), delimiter=DELIMITERS[self.suffix])
        filled = (lines.line_num for line in lines if line)  # empty lines are no rows
        return f"{self.path}, line {next(number for n, number in enumerate(filled) if n == row + 1)}"

    def text(self, row: int) -> str:
        """Return a row as text, cut off where it is long."""
        return ",".join(map(str, self.frame.iloc[row]))[:80]

    def roles(self) -> dict[str, str]:
        """Return the columns of user, item and, where there are some, rating and time."""
        names = [str(name).strip() for name in self.frame.columns]
        self.frame.columns = names
        if given := self.source.columns:
            if missing := [name for name in given if name not in names]:
                raise ValueError(f"{self.path}: no column {missing[0]!r}; it has {', '.join(names)}")
            return dict(zip(USUAL, given, strict=False))
        plain = [re.sub("[^a-z]", "", name.lower()) for name in names]
        found = {}
        for role, usual in USUAL.items():
            same = [name for name, word in zip(names, plain, strict=True) if word in usual.split()]
            if len(same) > 1:
                raise ValueError(f"{self.path}: {' and '.join(same)} may both be the {role}: give columns")
            if same:
                found[role] = same[0]
        for role in ("user", "item"):
            if role not in found:
                raise ValueError(
                    f"{self.path}: no column of the {role} among {', '.join(names)[:80]}: name it {role!r} in"
                    " the first line, or give columns"
                )
        return found

    def identifiers(self, column: str, role: str):
        """Return a column as text, none of it empty."""
        values = self.frame[column]
        empty = values.isna().to_numpy() | (values.astype(str).str.strip() == "").to_numpy()
        if empty.any():
            row = int(empty.argmax())
            raise ValueError(f"{self.where(row)}: {self.text(row)!r} has no {role}")
        return values.astype(str).str.strip()

    def numbers(self, column: str, role: str) -> np.ndarray:
        """Return a column as finite numbers; times may be dates."""
        import pandas

        found = pandas.to_numeric(self.frame[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        if role == "time" and not np.isfinite(found).all():
            dates = pandas.to_datetime(self.frame[column], errors="coerce", utc=True, format="ISO8601")
            found = dates.astype("int64").to_numpy(np.float64)
            found[dates.isna().to_numpy()] = np.nan
        wrong = ~np.isfinite(found)
        if wrong.any():
            row = int(wrong.argmax())
            value = str(self.frame[column].iloc[row])[:80]
            raise ValueError(f"{self.where(row)}: the {role} is {value!r}, expected a finite number")
        return found


def unpacked(path: Path) -> tuple[bytes, str]:
    """Return the content of a file and its name, those of the one file that a gzip or zip file packs.

    Raises
    ------
    DataNotFound
        If there is no such file.
    ValueError
        If the archive is damaged, or holds another number of files.
    """
    if not path.is_file():
        raise DataNotFound(f"{path}: no such file")
    packing = path.suffix.lower()
    if packing not in PACKED:
        return path.read_bytes(), path.name
    with whole(path):
        if packing == ".gz":
            return gzip.decompress(path.read_bytes()), path.stem
        with zipfile.ZipFile(path) as archive:
            files = [one for one in archive.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
            if len(files) != 1:
                raise ValueError(f"{path}: holds {len(files)} files, expected one")
            return archive.read(files[0]), PurePosixPath(files[0].filename).name
