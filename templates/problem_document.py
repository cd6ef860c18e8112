"""A problem as RFC 9457 writes it, with its texts in the reader's language."""

from gateway.domain.parties import Language
from gateway.domain.problem import Problem, type_prefix
from templates.catalogue import problem_text


def problem_document(problem: Problem, language: Language) -> dict[str, object]:
    """The members `type`, `title`, `status` and `detail` of RFC 9457, and ours: `code`, and `where` if there is one."""
    title, detail = problem_text(problem, language)
    document: dict[str, object] = {
        "type": type_prefix + problem.code.value,
        "title": title,
        "status": problem.http_status,
        "code": problem.code.value,
        "detail": detail,
    }
    if problem.where is not None:
        document["where"] = problem.where
    return document
