"""Alembic's folder: how a database comes to be, step by step."""
