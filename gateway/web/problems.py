"""What goes wrong with a request, as a problem document (RFC 9457) in the language the caller asks for (RFC 9110)."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import InputRefused, NoSuchThing, Overloaded, Problem, WrongMethod
from gateway.logs import Log
from templates.problem_document import problem_document

log = Log()

_METHOD_NOT_ALLOWED, _UNAUTHORIZED = 405, 401


def add_to(app: FastAPI) -> None:
    """Answers every failure of the application with a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _defect)


def preferred_language(accept: str) -> Language:
    """The one of our languages that `Accept-Language` likes best (RFC 9110 §12.5.4); English when it names neither.

    Of two that it likes alike, the one named first.
    """
    weights: dict[Language, float] = {}
    for wish in accept.lower().split(","):
        tag, _, parameter = wish.partition(";")
        primary = tag.strip().partition("-")[0]
        if primary in set(Language):
            weights.setdefault(Language(primary), _weight(parameter))
    wanted = [language for language, weight in weights.items() if weight > 0]
    return max(wanted, key=lambda language: weights[language], default=Language.EN)


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def response(request: Request, problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The problem in the caller's language."""
    language = preferred_language(request.headers.get("accept-language", ""))
    told = {"Content-Language": language.value, "Vary": "Accept-Language", **(headers or {})}
    if problem.http_status == _UNAUTHORIZED:
        told["WWW-Authenticate"] = "Bearer"
    if isinstance(problem, Overloaded):
        told["Retry-After"] = str(problem.facts["retry_after"])
    body = problem_document(problem, language)
    return JSONResponse(body, problem.http_status, told, media_type="application/problem+json")


async def _problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  (registered for nothing else)
    return response(request, error)


async def _http_problem(request: Request, error: Exception) -> JSONResponse:
    """What the router says by itself: that there is no such address, or not for this method."""
    assert isinstance(error, HTTPException)  # noqa: S101  (registered for nothing else)
    if error.status_code == _METHOD_NOT_ALLOWED:
        return response(request, WrongMethod(Code.REQUEST_METHOD), error.headers)
    return response(request, NoSuchThing(Code.REQUEST_NOT_FOUND))


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  (registered for nothing else)
    where = ".".join(str(part) for part in error.errors()[0]["loc"])
    return response(request, InputRefused(Code.REQUEST_INVALID, where=where))


async def _gone(request: Request, _error: Exception) -> JSONResponse:
    """The caller hung up before the whole body was there. Nobody reads this answer, and it is no defect of ours."""
    return response(request, InputRefused(Code.REQUEST_INVALID, where="body"))


async def _defect(request: Request, error: Exception) -> JSONResponse:
    log.error("request-failed", cause=type(error).__name__)
    return response(request, Problem(Code.DEFECT))
