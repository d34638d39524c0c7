"""Owns how text becomes HTML: the templates, and the only two doors past their escaping. Must not know what the page says.

Jinja2 escapes whatever a template puts out, and so what came from a recording cannot become markup. Before that `_shown` takes out what
steers the reader (control and bidi characters). Only text of this package (style and script) and drawings that hold nothing but shapes
pass as they are. Nothing else in the package may use ``Markup``, ``__html__`` or the filter ``safe``: a test holds that.

In a template a line break followed by indentation is layout for whoever reads the template, and does not reach the page.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from xml.parsers import expat

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.runtime import Undefined
from markupsafe import Markup

from llm_usage.render.text import plain

_HOME = __name__.rpartition(".")[0]
#: A tag of Jinja's, which may run over lines, or a line break with indentation.
_LAYOUT = re.compile(r"(\{[%{#].*?[%}#]\})|\n[ \t]+", re.DOTALL)
#: What a drawing may consist of. No script, no link, no style, no foreign object.
_SHAPES = frozenset(
    "svg g defs clipPath path line rect circle ellipse polygon polyline text tspan linearGradient radialGradient stop".split()
)


class _Layout(Extension):
    """Takes the layout of templates out of pages; a comment in its place keeps the numbers of lines in errors right."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        return _LAYOUT.sub(lambda found: found[1] or "{#\n#}", source)


def _shown(value: object) -> object:
    """What a template puts out: text and whole numbers, made harmless. All else is a slip: figures are made readable in Python."""
    if isinstance(value, (Markup, Undefined)):
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TypeError(f"a template shows text, not {type(value).__name__}: {value!r}")
    return plain(str(value))


@cache
def environment() -> Environment:
    """Where the templates live. They escape by themselves, and a name that nobody gave is an error."""
    return Environment(
        loader=PackageLoader(_HOME, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        extensions=[_Layout],
        trim_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def render(template: str, **view: object) -> str:
    """A template filled in. ``view`` is plain data.

    Raises:
        jinja2.TemplateError: a template asks for what the view does not have.
        TypeError: it puts out what is no text.
    """
    return environment().get_template(template).render(view)


def own_file(name: str) -> Markup:
    """A file of this package, as it is: the style, the script."""
    return Markup(files(_HOME).joinpath(name).read_text(encoding="utf-8"))  # noqa: S704 # no recording has a part in it


def drawing(svg: str) -> Markup:
    """Elements of an SVG, as they are, when they are shapes and text and nothing else.

    Raises:
        ValueError: it is not well formed, or has an element or an attribute that could do more than be looked at.
    """
    parser = expat.ParserCreate()
    parser.StartElementHandler = _refuse_what_acts
    try:
        parser.Parse(f"<svg>{svg}</svg>", True)
    except expat.ExpatError as error:
        raise ValueError(f"the drawing is not well formed: {error}") from None
    return Markup(svg)  # noqa: S704 # looked through just now


def _refuse_what_acts(tag: str, attributes: dict[str, str]) -> None:
    if tag not in _SHAPES:
        raise ValueError(f"the drawing holds <{tag}>, which is no shape")
    for name, value in attributes.items():
        if name.startswith("on") or name == "style" or name.endswith("href") or ("url(" in value and not value.startswith("url(#")):
            raise ValueError(f"the drawing has {name}={value!r}, which may do more than be looked at")
