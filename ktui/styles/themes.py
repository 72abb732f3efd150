"""The colours of ktui: a dark and a light theme; Textual's own can be chosen in the palette.

Invariant: no state is told by these colours alone; every tone has its glyph (`ktui.model.tone`).
"""

from textual.theme import Theme

DARK = Theme(
    name="ktui-dark",
    primary="#5b8dee",
    secondary="#6fb7d6",
    accent="#8fb4ff",
    foreground="#cfd6e4",
    background="#0d121c",
    surface="#121926",
    panel="#1c2536",
    success="#76c893",
    warning="#e6b450",
    error="#ef6b73",
    dark=True,
    variables={"block-cursor-background": "#27406e", "border": "#5b8dee", "border-blurred": "#2a3650"},
)
LIGHT = Theme(
    name="ktui-light",
    primary="#2b5fc7",
    secondary="#1f7a99",
    accent="#2b5fc7",
    foreground="#1f2733",
    background="#f4f6fa",
    surface="#ffffff",
    panel="#e6eaf2",
    success="#1f7a4d",
    warning="#8a5a00",
    error="#b3261e",
    dark=False,
    variables={"block-cursor-background": "#cfdcf7", "border": "#2b5fc7", "border-blurred": "#c5cddb"},
)
