"""Files written as a whole or not at all, and a text put between the marks of one."""

import os
import uuid
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write the whole file or none: to a hidden name, which no search for files finds, then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_between(path: Path, marks: tuple[str, str], text: str) -> None:
    """Put a text in place of what stands between two marks of a file, each of which has a line."""
    before, _, rest = path.read_text(encoding="utf-8").partition(marks[0])
    _, _, after = rest.partition(marks[1])
    write_whole(path, f"{before}{marks[0]}\n{text}\n{marks[1]}{after}")
