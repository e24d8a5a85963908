"""Steps of an algorithm on a page that a reader can go through: pictures and radio buttons, no script.

Radio buttons choose which picture is seen, the arrow keys go from one to the next, and the last button plays
them all in turn. It is one HTML output with its own style sheet, which works in a built page, offline. Where
a viewer drops style sheets all pictures are seen, one below the other. The buttons themselves are invisible,
their labels show which is chosen by a bar: a button could otherwise stand on another line than its label.
"""

import hashlib
import html
from collections.abc import Sequence

from fourmasks.pages.figures import encoded

SECONDS = 1.6  # for each picture when they are played
DPI = 90  # there are many pictures in one output


def show_steps(
    figures: Sequence, names: Sequence[str], alts: Sequence[str], *, caption: str, provenance: str
) -> None:
    """Display figures as steps, one visible at a time, with caption and provenance; close them.

    Parameters
    ----------
    figures : sequence of matplotlib.figure.Figure
        Of one size.
    names : sequence of str
        What stands beside the buttons.
    alts : sequence of str
        What each figure shows, for a reader who cannot see it.
    caption, provenance : str
        As for `fourmasks.pages.figures.show`.

    Raises
    ------
    ValueError
        If a text is empty, or there are not as many names and alternative texts as figures.
    """
    from IPython.display import display
    from matplotlib import pyplot

    texts = [caption, provenance, *names, *alts]
    if not figures or len(names) != len(figures) or len(alts) != len(figures):
        counts = len(figures), len(names), len(alts)
        raise ValueError(f"figures, names and alternative texts number {counts}: expected as many of each")
    if not all(text and text.strip() for text in texts):
        raise ValueError("a text is empty: steps need names and alt texts, a caption and a provenance")
    images = [encoded(figure, dpi=DPI) for figure in figures]  # not cropped: all of one size
    for figure in figures:
        pyplot.close(figure)
    page = steps_page(images, names, alts, caption, provenance)
    display({"text/html": page, "text/plain": caption}, raw=True)


def steps_page(images: Sequence[str], names, alts, caption: str, provenance: str) -> str:
    """Return the HTML of steps from images in base64; equal steps give equal text."""
    name = "fm-" + hashlib.sha256("".join((*images, caption)).encode()).hexdigest()[:10]
    buttons = [_button(name, number, text) for number, text in enumerate((*names, "play"), start=1)]
    pictures = [
        f'<img class="step" alt="{html.escape(alt)}" src="data:image/png;base64,{image}">'
        for image, alt in zip(images, alts, strict=True)
    ]
    return (
        f'<figure class="fm-figure" id="{name}"><style>{_style(name, len(images))}</style>{"".join(buttons)}'
        f'<div class="steps">{"".join(pictures)}</div><figcaption>{html.escape(caption)}'
        f'<span class="fm-provenance">{html.escape(provenance)}</span></figcaption></figure>'
    )


def _button(name, number, text):
    checked = " checked" if number == 1 else ""
    label = f"{number}. {text}" if text != "play" else text
    return (
        f'<input type="radio" name="{name}" id="{name}-{number}"{checked}>'
        f'<label for="{name}-{number}">{html.escape(label)}</label>'
    )


def _style(name, count):
    """Return the rules: all pictures in one place, the chosen one visible; the last button plays them."""
    here, share = f"#{name}", 100 / count
    chosen = "".join(
        f"{here}>input:nth-of-type({k}):checked~.steps>:nth-child({k}){{visibility:visible}}"
        for k in range(1, count + 1)
    )
    playing = f"{here}>input:nth-of-type({count + 1}):checked~.steps>"
    delays = "".join(
        f"{playing}:nth-child({k}){{animation-delay:{(k - 1) * SECONDS:g}s}}" for k in range(1, count + 1)
    )
    return (
        f"{here}>input{{position:absolute;opacity:0}}"
        f"{here}>label{{display:inline-block;margin:0 .3em .4em 0;padding:.1em .6em;cursor:pointer;"
        "border:1px solid currentColor;border-radius:.25em}"
        f"{here}>input:checked+label{{font-weight:700;box-shadow:inset 0 -.25em 0 currentColor}}"
        f"{here}>input:focus-visible+label{{outline:2px solid currentColor;outline-offset:2px}}"
        f"{here}>.steps{{display:grid}}{here}>.steps>img{{grid-area:1/1;visibility:hidden}}{chosen}"
        f"{playing}img{{animation:{name} {count * SECONDS:g}s step-end infinite}}{delays}"
        f"@keyframes {name}{{0%{{visibility:visible}}{share:.4f}%{{visibility:hidden}}"
        "100%{visibility:hidden}}"
    )
