"""What every table is made of: the names of its constraints, and the columns that many have."""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def ordinal() -> sa.Column[int]:
    """Grows with each row."""
    # SQLite numbers rows by itself only where the type is INTEGER.
    return sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def text(name: str, *, nullable: bool = False, unique: bool = False) -> sa.Column[str]:
    """A text."""
    return sa.Column(name, sa.Text, nullable=nullable, unique=unique or None)


def number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    """A whole number."""
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def sealed_bytes(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    """Bytes, most often sealed."""
    return sa.Column(name, sa.LargeBinary, nullable=nullable)
