"""The stages of Algorithm 1 as pictures that buttons choose, without a script."""

import hashlib
import html
from collections.abc import Sequence

from matplotlib import pyplot

from fourmasks.pages import figures as page
from fourmasks.pages.markup import fold
from fourmasks.sparse.completion.literal import Stage
from fourmasks.sparse.examples.figures import stage_in_words, stages_figure
from fourmasks.sparse.supports.pair import SupportPair

SECONDS = 1.6  # for each picture, when they are played


def show_steps(
    run: Sequence[Stage],
    supports: SupportPair,
    graphs: bool,
    caption: str,
    provenance: str,
    folded: bool = False,
) -> None:
    """Display the stages as pictures that radio buttons choose; the last button plays them.

    The buttons themselves are invisible, a bar on its label shows which is chosen: a button could otherwise
    stand on another line than its label. Where a viewer drops style sheets all pictures are seen.

    Parameters
    ----------
    run : sequence of Stage
        Of `completion.literal.stages`.
    supports : SupportPair
    graphs : bool
        Whether the graphs of the atoms are drawn, too.
    caption, provenance : str
        As for `fourmasks.pages.figures.show`.
    folded : bool, default False
        Whether the pictures lie in a closed box, which shows the first sentence of the caption.
    """
    from IPython.display import display

    images = []
    for number in range(len(run)):
        figure = stages_figure(supports, run, [number], graphs)
        images.append(page.element(figure, stage_in_words(run, number), crop=False))  # all of one size
        pyplot.close(figure)
    name = "fm-" + hashlib.sha256("".join((*images, caption)).encode()).hexdigest()[:10]
    buttons = [*(f"{number}. {stage.name}" for number, stage in enumerate(run, start=1)), "play"]
    inputs = "".join(
        f'<input type="radio" name="{name}" id="{name}-{number}"{" checked" if number == 1 else ""}>'
        f'<label for="{name}-{number}">{html.escape(text)}</label>'
        for number, text in enumerate(buttons, start=1)
    )
    text = (
        f'<figure class="fm-figure" id="{name}"><style>{_style(name, len(images))}</style>{inputs}'
        f'<div class="steps fm-plot" tabindex="0">{"".join(images)}</div><figcaption>{html.escape(caption)}'
        f"{page.below(provenance)}</figcaption></figure>"
    )
    if folded:
        text = fold(caption.partition(". ")[0].rstrip("."), text)
    display({"text/html": text, "text/plain": caption}, raw=True)


def _style(name, count):
    """Return the rules: all pictures in one place, the chosen one visible; the last button plays them."""
    here = f"#{name}"
    shown = f"{here}>input:nth-of-type({{}}):checked~.steps>"
    chosen = "".join(f"{shown.format(k)}:nth-child({k}){{visibility:visible}}" for k in range(1, count + 1))
    playing = shown.format(count + 1)
    delays = "".join(
        f"{playing}:nth-child({k}){{animation-delay:{(k - 1) * SECONDS:g}s}}" for k in range(1, count + 1)
    )
    return (
        f"{here}>input{{position:absolute;opacity:0}}"
        f"{here}>label{{display:inline-block;margin:0 .3em .4em 0;padding:.1em .6em;cursor:pointer;"
        "border:1px solid currentColor;border-radius:.25em}"
        f"{here}>input:checked+label{{font-weight:700;box-shadow:inset 0 -.25em 0 currentColor}}"
        f"{here}>input:focus-visible+label{{outline:2px solid currentColor;outline-offset:2px}}"
        f"{here}>.steps{{display:grid}}{here}>.steps>*{{grid-area:1/1;visibility:hidden}}{chosen}"
        f"{playing}*{{animation:{name} {count * SECONDS:g}s step-end infinite}}{delays}"
        f"@keyframes {name}{{0%{{visibility:visible}}{100 / count:.4f}%{{visibility:hidden}}"
        "100%{visibility:hidden}}"
    )
