"""The forms of what a person is told of their sign-in, as a double click sends them."""

from dataclasses import replace

from tests.web.console.house import hidden
from tests.web.console.twice import Form, Stage, Table

HERE = "/en/my-sign-in"


def end_others(stage: Stage) -> Form:
    """Every other browser is signed out."""
    erin = stage.house.sign_in(stage.house.person("erin"))
    stage.kept["erin"] = stage.house.sign_in(replace(erin))
    return Form(person=stage.kept["erin"], path=f"{HERE}/sessions/removal")


def read_news(stage: Stage) -> Form:
    """They read it."""
    until = hidden(stage.house.get(stage.kept["erin"], HERE), "until")
    return Form(person=stage.kept["erin"], path=f"{HERE}/news", fields={"until": until})


def add_to(twice: Table) -> None:
    """Their lines in the table."""
    twice.of("named", "/my-sign-in/sessions/removal")(end_others)
    twice.of("named", "/my-sign-in/news")(read_news)
