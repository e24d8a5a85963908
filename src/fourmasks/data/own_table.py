"""A table of one's own, packed or not: CSV, TSV or Parquet with users, items and, where needed, ratings."""

import csv
import io
import itertools
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fourmasks.data.files import TABLES, OwnFile, contents
from fourmasks.system.extras import required

# What a column may be called, in lower case and without anything but letters.
USUAL = {
    "user": "user userid uid customer customerid reviewer reviewerid member memberid",
    "item": "item itemid iid movie movieid film filmid product productid asin artist artistid song songid"
    " track trackid book bookid isbn business businessid",
    "rating": "rating ratings score stars value overall plays playcount count weight",
    "time": "timestamp time unixreviewtime date datetime",
}
LARGEST = float(np.finfo(np.float32).max)  # rating
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
    pandas = required("pandas")
    rows = _rows(source.path)
    columns = rows.roles(source.columns)
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


def _rows(path: Path) -> "_Rows":
    content, kind = contents(path)
    if kind not in TABLES:
        raise ValueError(f"{path}: expected a table, a file that ends in {', '.join(TABLES)}")
    if kind == ".parquet":
        rows = _Rows(path, _parquet(path, content), lambda row: f"row {row + 1}")
    else:
        text, delimiter = _decoded(path, content), DELIMITERS[kind]
        rows = _Rows(path, _parsed(path, text, delimiter), lambda row: f"line {_line(text, delimiter, row)}")
    if not len(rows.frame):
        raise ValueError(f"{path}: no rows")
    rows.frame.columns = [str(name).strip() for name in rows.frame.columns]
    return rows


def _parquet(path: Path, content: bytes):
    pyarrow, parquet = required("pyarrow"), required("pyarrow.parquet")
    try:
        frame = parquet.ParquetFile(io.BytesIO(content)).read().to_pandas()
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(f"{path}: cannot be read as Parquet; get it again") from error
    named = [name for name in frame.index.names if name is not None]
    return frame.reset_index(named, allow_duplicates=True) if named else frame


def _decoded(path: Path, content: bytes) -> str:
    if b"\0" in content:
        raise ValueError(f"{path}: holds bytes that no text has: expected a table as text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = content[error.start : error.start + 20]
        raise ValueError(f"{path}, line {line}: {found!r} is not UTF-8: save it as such") from error


def _parsed(path: Path, text: str, delimiter: str):
    """Return a text as a table of texts."""
    pandas = required("pandas")
    header = text.partition("\n")[0].strip()
    if delimiter not in header:
        other = next((one for one in ",;\t|" if one in header), None)
        found = f"with {other!r} between the columns" if other else "with one column"
        raise ValueError(
            f"{path}, line 1: {header[:80]!r} {found}, expected {delimiter!r} between two at least"
        )
    try:
        with warnings.catch_warnings(record=True) as dropped:
            warnings.simplefilter("always", pandas.errors.ParserWarning)
            frame = pandas.read_csv(
                io.StringIO(text), sep=delimiter, dtype=str, keep_default_na=False, index_col=False
            )
        fault = _longer_row(text, delimiter) if dropped else None
    except pandas.errors.ParserError as error:
        fault = _fault(text, delimiter, str(error).strip())
    if fault:
        raise ValueError(f"{path}{fault}")
    frame.columns = next(_lines(text, delimiter))[1]  # pandas renames those that occur twice
    return frame.fillna("")


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row ends, and its fields: a quoted field may hold several lines."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # pandas has no limit
    rows = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    return ((rows.line_num, fields) for fields in rows)


def _line(text: str, delimiter: str, row: int) -> int:
    """Return the line on which a row ends; empty lines are no rows."""
    filled = (line for line, fields in _lines(text, delimiter) if fields)
    return next(itertools.islice(filled, row + 1, None))


def _longer_row(text: str, delimiter: str) -> str | None:
    """Return where a row has more fields than the header; delimiters at its end are none."""
    rows = _lines(text, delimiter)
    _, header = next(rows)
    for line, fields in rows:
        if any(fields[len(header) :]):
            found = delimiter.join(fields)[:80]
            return (
                f", line {line}: {found!r} has {len(fields)} fields and the header {len(header)}: expected as"
                " many columns as the header"
            )
    return None


def _fault(text: str, delimiter: str, message: str) -> str:
    """Return where a text is no table, and why, from what pandas says."""
    if "EOF inside string" in message:
        *_, (before, _), _ = _lines(text, delimiter)
        return f", line {before + 1}: a quote in the row that begins here is not closed"
    return _longer_row(text, delimiter) or f": {message}; expected as many columns as the header"


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows of a file, a pandas DataFrame, and where each is in it: "line 3", or "row 3" of Parquet."""

    path: Path
    frame: object
    place: Callable[[int], str]

    def where(self, row: int) -> str:
        """Return the file and the place of a row, for messages."""
        return f"{self.path}, {self.place(row)}"

    def text(self, row: int) -> str:
        """Return a row as text, cut off where it is long."""
        return ",".join(map(str, self.frame.iloc[row]))[:80]

    def roles(self, given: tuple[str, ...]) -> dict[str, str]:
        """Return the columns of user, item and, where there are some, rating and time."""
        names = list(self.frame.columns)
        if given:
            if missing := [name for name in given if name not in names]:
                raise ValueError(f"{self.path}: no column {missing[0]!r}; it has {', '.join(names)}")
            return self._once(dict(zip(USUAL, given, strict=False)))
        plain = [re.sub(":(token|float)$|[^a-z]", "", name.lower()) for name in names]  # RecBole adds a type
        found = {}
        for role, usual in USUAL.items():
            same = {name: None for name, word in zip(names, plain, strict=True) if word in usual.split()}
            if len(same) > 1:
                raise ValueError(f"{self.path}: {' and '.join(same)} may both be the {role}: give columns")
            if same:
                found[role] = next(iter(same))
        for role in ("user", "item"):
            if role not in found:
                raise ValueError(
                    f"{self.path}: no column of the {role} among {', '.join(names)[:80]}: name it {role!r} in"
                    " the first line, or give columns"
                )
        return self._once(found)

    def _once(self, roles: dict[str, str]) -> dict[str, str]:
        """Return the columns if each is there once."""
        names = list(self.frame.columns)
        for name in roles.values():
            if names.count(name) > 1:
                raise ValueError(
                    f"{self.path}: {names.count(name)} columns are called {name!r}: expected one"
                )
        return roles

    def _column(self, name: str):
        """Return a column, of which no value is made of several."""
        values = self.frame[name]
        if values.dtype == object:
            several = values.map(lambda value: isinstance(value, list | tuple | dict | np.ndarray)).to_numpy(
                bool
            )
            if several.any():
                row = int(several.argmax())
                found = str(values.iloc[row])[:80]
                raise ValueError(f"{self.where(row)}: {name} is {found!r}, expected one number or word")
        return values

    def identifiers(self, column: str, role: str):
        """Return a column as text, none of it empty."""
        values = self._column(column)
        text = values.astype(str).str.strip()
        empty = values.isna().to_numpy() | (text == "").to_numpy()
        if empty.any():
            row = int(empty.argmax())
            raise ValueError(f"{self.where(row)}: {self.text(row)!r} has no {role}")
        return text

    def numbers(self, column: str, role: str) -> np.ndarray:
        """Return a column as finite numbers; times may be dates, ratings are to be finite as float32, too."""
        pandas = required("pandas")
        values = self._column(column)
        found = pandas.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        if role == "time" and not np.isfinite(found).all():
            dates = pandas.to_datetime(values, errors="coerce", utc=True, format="ISO8601")
            found = dates.astype("int64").to_numpy(np.float64)
            found[dates.isna().to_numpy()] = np.nan
        expected = "a finite number" if role == "time" else f"a finite number, of {LARGEST:.3g} at most"
        wrong = ~np.isfinite(found) | values.isna().to_numpy()  # NumPy has a number for a missing date
        if role != "time":
            wrong |= np.abs(found) > LARGEST
        if wrong.any():
            row = int(wrong.argmax())
            value = str(values.iloc[row])[:80]
            raise ValueError(f"{self.where(row)}: the {role} is {value!r}, expected {expected}")
        return found
