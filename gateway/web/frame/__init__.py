"""What every page of ours stands in: the frame, the style of what all pages have, and the script of passkeys."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from fastapi import Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from gateway.web.safety import guard

_AN_HOUR = "max-age=3600"


@cache
def environment(package: str, *folders: str) -> Environment:
    """The templates of those folders of a package, in the frame."""
    loaders = [PackageLoader(package, one) for one in folders]
    return Environment(
        loader=ChoiceLoader([*loaders, PackageLoader("gateway.web.frame", "")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style(package: str, sheets: Sequence[str]) -> Response:
    """The style of the frame and of a package's pages: the same for everybody."""
    shared = files("gateway.web.frame").joinpath("style.css").read_bytes()
    own = [files(package).joinpath(one).read_bytes() for one in sheets]
    return _kept(Response(b"\n".join([shared, *own]), media_type="text/css"))


def script(package: str, name: str) -> Response:
    """A script: the same for everybody."""
    return _kept(Response(files(package).joinpath(name).read_bytes(), media_type="text/javascript"))


def _kept(response: Response) -> Response:
    guard(response, secure=False)
    response.headers["Cache-Control"] = _AN_HOUR
    return response
