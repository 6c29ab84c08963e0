"""SVG drawn with the standard library's ElementTree, so that text in it is always only text.

Colours carry nothing alone: every mark has its words or number beside it.
"""

from __future__ import annotations

from xml.etree import ElementTree

WIDTH = 680.0
INK, QUIET, LINE, ACCENT, WARN = "#1c2430", "#5d6878", "#dde2e9", "#1f5f8b", "#b4472f"
# Typst brings this face along, so a drawing looks alike on every machine; on a page it takes the
# page's own.
_FONT = "Libertinus Serif"
_NARROW = 0.48  # mean width of a letter, in heights


class Drawing:
    """A picture as wide as ``WIDTH`` with a title and a description for those who cannot see it."""

    def __init__(self, height: float, title: str, description: str) -> None:
        self._root = ElementTree.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {WIDTH:g} {height:g}",
                "width": f"{WIDTH:g}",
                "height": f"{height:g}",
                "role": "img",
                "font-family": _FONT,
            },
        )
        ElementTree.SubElement(self._root, "title").text = title
        ElementTree.SubElement(self._root, "desc").text = description

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 13,
        colour: str = INK,
        anchor: str = "start",
        bold: bool = False,
        turn: float = 0,
    ) -> None:
        """``words`` with their baseline at ``y``; ``turn`` in degrees about that point."""
        attributes = {
            "x": f"{x:.1f}",
            "y": f"{y:.1f}",
            "font-size": f"{size:g}",
            "fill": colour,
            "text-anchor": anchor,
        }
        if bold:
            attributes["font-weight"] = "bold"
        if turn:
            attributes["transform"] = f"rotate({turn:g} {x:.1f} {y:.1f})"
        ElementTree.SubElement(self._root, "text", attributes).text = words

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        size = {"width": f"{max(width, 1):.1f}", "height": f"{height:.1f}"}
        place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "rx": "2"}
        ElementTree.SubElement(self._root, "rect", {**place, **size, "fill": colour})

    def dot(self, x: float, y: float, radius: float, colour: str, opacity: float = 1) -> None:
        place = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{radius:.1f}"}
        look = {"fill": colour, "fill-opacity": f"{opacity:g}"}
        ElementTree.SubElement(self._root, "circle", {**place, **look})

    def line(self, x: float, y: float, to_x: float, to_y: float, colour: str = LINE) -> None:
        ends = {"x1": f"{x:.1f}", "y1": f"{y:.1f}", "x2": f"{to_x:.1f}", "y2": f"{to_y:.1f}"}
        ElementTree.SubElement(self._root, "line", {**ends, "stroke": colour})

    def svg(self) -> str:
        return ElementTree.tostring(self._root, encoding="unicode")


def width_of(words: str, size: float = 13) -> float:
    """About how wide ``words`` are set."""
    return len(words) * size * _NARROW


def fitted(words: str, width: float, size: float = 13) -> str:
    """``words`` cut to about ``width``."""
    most = int(width / (size * _NARROW))
    return words if len(words) <= most else words[: max(1, most - 1)].rstrip() + "…"
