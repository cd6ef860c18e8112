"""Rows and values. A value's fields are columns of its table by the same names, and column types convert both ways."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def columns_of(table: sa.FromClause, value_type: "type[DataclassInstance]") -> list[sa.ColumnElement[Any]]:
    """The columns of `table` that make up a value of `value_type`, in the order of its fields."""
    return [table.c[field.name] for field in fields(value_type)]
