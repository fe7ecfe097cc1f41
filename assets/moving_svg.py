"""Puts screenshots of a terminal one after the other into one SVG that plays by itself: no script, nothing to load.

Every line of the screen is kept once; a frame is a list of lines, and the frames lie under one another on a strip that
CSS moves. Where nothing moves (a printed page, a reader who asked for less motion), the last frame is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

CELL_HEIGHT = 24.4  # of a line in Rich's drawing
BASELINE = 20  # of its characters
NO_BREAK = "\xa0"
FONTS = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"
CAPTION = 44  # pixels below the screen
CLASSES = re.compile(r"\.[\w-]+-(r\d+) \{([^}]*)\}")
SHAPES = re.compile(r"<(rect|text) ([^>]*?)(?:/>|>([^<]*)</text>)")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass(frozen=True)
class Frame:
    """One screenshot as Textual exports it, how long it is shown, and what is said below it."""

    svg: str
    seconds: float
    caption: str


class MovingPicture:
    """Collects frames and draws them as one SVG."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._columns, self._rows = size
        self._styles: dict[str, str] = {}  # a declaration of CSS, and the class that stands for it
        self._lines: dict[str, str] = {}  # what is drawn on one line, and its name
        self._shown: list[tuple[list[str], float, str]] = []
        self._ground = "#000"

    def add(self, frame: Frame) -> None:
        """Add the next frame; one that looks as the last one lengthens it."""
        styles = dict(CLASSES.findall(frame.svg))
        grounds: list[list[tuple[float, float, str]]] = [[] for _ in range(self._rows)]
        texts = [""] * self._rows
        for kind, attributes, text in SHAPES.findall(frame.svg[frame.svg.index("</defs>") :]):
            given = dict(ATTRIBUTE.findall(attributes))
            if kind == "rect":
                self._add_ground(grounds, given)
            elif "clip-path" in given:
                declarations = styles[given["class"].rpartition("-")[2]].strip()
                name = self._styles.setdefault(declarations, f"s{len(self._styles)}")
                place = f'x="{_short(given["x"])}" textLength="{_short(given["textLength"])}"'
                row = round((float(given["y"]) - BASELINE) / CELL_HEIGHT)
                texts[row] += f'<text class="{name}" {place}>{text.replace("&#160;", NO_BREAK)}</text>'
        lines = ["".join(map(_ground, ground)) + text for ground, text in zip(grounds, texts, strict=True)]
        names = [self._lines.setdefault(line, f"l{len(self._lines)}") for line in lines]
        if self._shown and self._shown[-1][0] == names and self._shown[-1][2] == frame.caption:
            self._shown[-1] = (names, self._shown[-1][1] + frame.seconds, frame.caption)
        else:
            self._shown.append((names, frame.seconds, frame.caption))

    def _add_ground(self, grounds: list[list[tuple[float, float, str]]], given: dict[str, str]) -> None:
        """What is behind characters: a rectangle over one line or several. The window's own has no place in a line."""
        if "rx" in given:
            self._ground = given["fill"]
            return
        if given["fill"] == self._ground:
            return
        first, left, width = round((float(given["y"]) - 1.5) / CELL_HEIGHT), float(given["x"]), float(given["width"])
        for row in range(first, first + max(round(float(given["height"]) / CELL_HEIGHT), 1)):
            ground = grounds[row]
            if ground and ground[-1][2] == given["fill"] and abs(sum(ground[-1][:2]) - left) < 0.2:
                ground[-1] = (ground[-1][0], ground[-1][1] + width, given["fill"])
            else:
                ground.append((left, width, given["fill"]))

    @property
    def seconds(self) -> float:
        """How long it plays before it begins again."""
        return sum(seconds for _, seconds, _ in self._shown)

    def __len__(self) -> int:
        return len(self._shown)

    def drawn(self, title: str) -> str:
        """The picture."""
        width, height = round(self._columns * 12.2), round(self._rows * CELL_HEIGHT) + 2 + CAPTION
        keys, frames, at = [], [], 0.0
        for number, (names, seconds, caption) in enumerate(self._shown):
            keys.append(f"{100 * at / self.seconds:.2f}%{{transform:translateY({-number * height}px)}}")
            at += seconds
            uses = "".join(
                f'<use href="#{name}" y="{_short(BASELINE + row * CELL_HEIGHT)}"/>'
                for row, name in enumerate(names)
                if name != self._lines.get("")
            )
            said = f'<text class="c" x="{width / 2:.0f}" y="{height - 14}">{escape(caption)}</text>'
            frames.append(f'<g transform="translate(0 {number * height})">{uses}{said}</g>')
        last = (len(self._shown) - 1) * height
        styles = "".join(f".{name}{{{declarations}}}" for declarations, name in self._styles.items())
        lines = "".join(f'<g id="{name}">{line}</g>' for line, name in self._lines.items() if line)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 24} {height + 52}">\n'
            f"<title>{escape(title)}</title>\n<style>text{{font:20px {FONTS};white-space:pre}}"
            f".c{{font:bold 20px sans-serif;fill:#c8d3f5;text-anchor:middle}}{styles}\n"
            f"#strip{{transform:translateY({-last}px);animation:play {self.seconds:.1f}s step-end infinite}}\n"
            f"@keyframes play{{{''.join(keys)}}}\n@media (prefers-reduced-motion:reduce){{#strip{{animation:none}}}}"
            f"</style>\n<defs>{lines}</defs>\n"
            f'<rect fill="{self._ground}" x="1" y="1" width="{width + 22}" height="{height + 50}" rx="8"/>\n'
            '<circle cx="24" cy="22" r="7" fill="#ff5f57"/><circle cx="46" cy="22" r="7" fill="#febc2e"/>'
            '<circle cx="68" cy="22" r="7" fill="#28c840"/>\n'
            f'<svg x="12" y="41" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
            f'<g id="strip">\n{chr(10).join(frames)}\n</g></svg>\n</svg>\n'
        )


def _ground(ground: tuple[float, float, str]) -> str:
    left, width, colour = ground
    return f'<rect fill="{colour}" x="{_short(left)}" y="{1 - BASELINE}" width="{_short(width)}" height="25"/>'


def _short(number: str | float) -> str:
    """A coordinate without zeros that say nothing."""
    return f"{float(number):.1f}".removesuffix(".0")
