"""Figures as SVG for both themes: text is as dark or as light as the page's, and large enough to be read.

What is drawn in black takes the colour of the page's text, what is white that of its ground (`--fm-ground`);
the style sheet of the page says which. A number written on a coloured cell stays as it is.
"""

import base64
import hashlib
import html
import io
import re
import textwrap

from fourmasks.pages.drawn import tick_labels

LEAST = 9  # points of a text, as rendered
WIDTH = 740  # pixels for a figure, on the narrowest page that is not a telephone's
PIXELS = 96 / 72  # for a point
MARGIN = 0.1  # inches around what is drawn
LIMIT = 150_000  # bytes of an SVG; above, all is pixels
CROWD, MANY = 1000, 20  # marks of a figure from which all its artists with many are drawn as pixels

# Colours of a themed figure. Fixed ones differ from them by what nobody sees.
INK, GROUND, RULE = ("#000000", "#222222", "#444444"), ("#ffffff",), ("#d9d9d9", "#e6e6e6")
FIXED = {"dark": "#010101", "light": "#fefefe"}


def prepare(fig) -> None:
    """Make a figure ready to be shown: names in words, no text too small, text on colours as it is."""
    import matplotlib
    from matplotlib.text import Text

    translate(fig)
    least = LEAST * max(1.0, PIXELS * 72 * fig.get_figwidth() / WIDTH)
    for axis in fig.axes:  # ticks that are drawn later take their size from here
        for side in (axis.xaxis, axis.yaxis):
            size = max([least, *(label.get_fontsize() for label in side.get_ticklabels())])
            side.set_tick_params(which="both", labelsize=size)
            side.offsetText.set_fontsize(max(least, side.offsetText.get_fontsize()))
    for text in fig.findobj(Text):
        if text.get_text() and text.get_fontsize() < least:
            text.set_fontsize(least)
    fig.draw_without_rendering()
    with matplotlib.rc_context({"figure.constrained_layout.use": False}):
        fig.set_layout_engine(None)  # all has its place, and need not be placed again at each drawing
    for axis in fig.axes:
        _fix_texts_on_colours(axis)


def translate(fig) -> None:
    """Put words in place of identifiers, in all that a figure says."""
    from matplotlib.text import Text

    from fourmasks.pages.names import named

    def words(text):
        return "\n".join(map(named, text.split("\n")))

    for axis in fig.axes:
        for side in (axis.xaxis, axis.yaxis):
            labels = tick_labels(side)
            labels |= {place: words(str(text)) for place, text in labels.items()}
        # Names are longer than identifiers: side by side they go over several lines.
        below = tick_labels(axis.xaxis)
        below |= {place: textwrap.fill(text, 18) for place, text in below.items() if "\n" not in text}
    for text in fig.findobj(Text):
        if (old := text.get_text()) and words(old) != old:
            text.set_text(words(old))


def svg(fig, alt: str, crop: bool = True) -> str:
    """Return a figure that is prepared as one SVG element, the same on every run.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Its white grounds are taken away.
    alt : str
        What it shows, for a reader who cannot see it.
    crop : bool, default True
        Whether empty margins are left out.
    """
    import matplotlib
    from matplotlib.text import Text

    fig.patch.set_visible(False)
    for axis in fig.axes:
        if matplotlib.colors.to_hex(axis.patch.get_facecolor()) in GROUND:
            axis.patch.set_visible(False)
    drawn = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "fourmasks", "svg.fonttype": "path"}):
        metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        box = fig.get_tightbbox().padded(MARGIN) if crop else None  # "tight" would draw all once more
        dpi = 2 * min(72 * PIXELS, WIDTH / fig.get_figwidth())  # pixels for screens of double density
        fig.savefig(drawn, format="svg", bbox_inches=box, dpi=dpi, metadata=metadata, transparent=False)
    sizes = [text.get_fontsize() for text in fig.findobj(Text) if text.get_text() and text.get_visible()]
    text = re.sub(r"(?<=data:image/png;base64,)[^\"]+", _reduced, drawn.getvalue())
    return _themed(text, alt, min(sizes, default=LEAST))


def rasterize(fig) -> None:
    """Have the artists of a figure with too many marks for an SVG drawn as pixels, but not axes and text."""
    from matplotlib.collections import Collection
    from matplotlib.colors import to_hex
    from matplotlib.lines import Line2D

    counts = {line: _marks(line) for line in fig.findobj(Line2D)}
    counts |= {points: len(points.get_offsets()) for points in fig.findobj(Collection)}
    if sum(counts.values()) < CROWD:
        return
    for artist, count in counts.items():
        if count >= MANY:
            artist.set_rasterized(True)
            if isinstance(artist, Line2D) and to_hex(artist.get_color()) in INK:
                artist.set_color("#808080")  # pixels do not follow the theme


def _marks(line):
    return 0 if line.get_marker() in (None, "", " ", "None", "none") else len(line.get_xdata())


def fewer_colours(picture) -> str:
    """Return a picture as a PNG in base64 with 256 colours in place of all, and a third of the bytes."""
    from PIL import Image

    if picture.mode == "RGBA" and picture.getextrema()[3][0] < 255:  # it shows the ground through
        reduced = picture.quantize(256, Image.Quantize.FASTOCTREE)
    else:
        reduced = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    file = io.BytesIO()
    reduced.save(file, format="png", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")


def _reduced(found):
    from PIL import Image

    return fewer_colours(Image.open(io.BytesIO(base64.b64decode(found[0]))))


def _fix_texts_on_colours(axis):
    """Keep the colour of texts that lie on an image or on a coloured patch, whatever the theme is."""
    from matplotlib.colors import to_hex, to_rgb

    patches = [
        patch for patch in axis.patches if patch.get_fill() and patch.get_alpha() != 0 and patch.get_visible()
    ]
    coloured = [patch for patch in patches if to_hex(patch.get_facecolor()) not in GROUND]

    def on_colour(artist):
        box = artist.get_window_extent()
        place = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        return any(one.get_window_extent().contains(*place) for one in (*coloured, *axis.images))

    for patch in axis.patches:  # a frame around a cell
        if not patch.get_fill() and to_hex(patch.get_edgecolor()) in INK and on_colour(patch):
            patch.set_edgecolor(FIXED["dark"])
    for line in axis.lines if axis.images else ():
        if to_hex(line.get_color()) in INK:
            line.set_color(FIXED["dark"])
    for text in axis.texts:
        if not text.get_text() or not on_colour(text):
            continue
        for patch in patches:  # on a dark page a colour that shows the ground through would be another
            *colour, alpha = patch.get_facecolor()
            if alpha < 1:
                edge = patch.get_edgecolor()
                patch.set_alpha(None)
                patch.set_facecolor([1 - alpha * (1 - part) for part in colour])
                patch.set_edgecolor(edge)
        lightness = sum(to_rgb(text.get_color())) / 3
        if lightness < 0.35:
            text.set_color(FIXED["dark"])
        elif lightness > 0.9:
            text.set_color(FIXED["light"])


def _joined(strokes):
    """Return strokes of one look as one path; those that show through stay apart, since they add up."""
    whole = "".join(re.findall(r' d="([^"]*)"', strokes[0]))
    return strokes[0] if "opacity" in strokes[1] else f'<path d="{whole}"{strokes[1]}/>'


def _themed(text, alt, smallest):
    """Return what matplotlib wrote as an element of a page, with the page's colours and ids of its own."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    for colours, own in (
        (INK, "currentColor"),
        (GROUND, "var(--fm-ground,#fff)"),
        (RULE, "var(--fm-rule,#d9d9d9)"),
    ):
        for colour in colours:
            text = re.sub(
                rf"((?:fill|stroke|stop-color): ?){colour}\b", rf"\g<1>{own}", text, flags=re.IGNORECASE
            )
    # Ids are few, short, and of this figure: several stand on one page.
    used = dict.fromkeys(re.findall(r'(?:href="|url\()#([^")]+)', text))
    mark = "f" + hashlib.sha256((alt + text).encode()).hexdigest()[:6]
    short = {name: f"{mark}-{number}" for number, name in enumerate(used)}
    text = re.sub(r' id="([^"]+)"', lambda one: f' id="{short[one[1]]}"' if one[1] in short else "", text)
    text = re.sub(r'(href="|url\()#([^")]+)', lambda one: f"{one[1]}#{short[one[2]]}", text)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)  # it would hold for the whole page
    text = re.sub(r"(scale\([^)]*\)|\d\.\d\d)\d*", r"\1", text)
    text = text.replace("xlink:href", "href")
    text = re.sub(r'(?<= d=")[^"]+', lambda one: re.sub(r"\s*([A-Za-z])\s*", r"\1", one[0]), text)
    text = re.sub(r">\s+<", "><", text)
    text = re.sub(r"\s*\n\s*", " ", text)
    text = re.sub(r"; ?(?=\")|(?<=[:;]) ", "", text)
    text = re.sub(r'(<use href="[^"]+") transform="translate\(([^ )]+) 0\)"', r'\1 x="\2"', text)  # a letter
    text = re.sub(r'<path d="[^"]*"( [^>]*fill:none;[^>]*)/>(?:<path d="[^"]*"\1/>)+', _joined, text)
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text).groups())
    narrowest = min(width, width * LEAST / smallest)
    opening = (
        f'<svg role="img" aria-label="{html.escape(alt)}" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width * PIXELS:.0f}"'
        f' fill="currentColor" stroke-linejoin="round" style="min-width:{narrowest * PIXELS:.0f}px">'
    )
    return re.sub(r"<svg[^>]*>", lambda _: opening, text, count=1).strip()
