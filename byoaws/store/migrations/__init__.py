"""Alembic migrations: how a store of any earlier version gets to the tables of `byoaws.store.schema`.

To change a table: change it in `schema.py`, copy the newest file of `versions/` under the next number, write what must
be done there, and set `schema.HEAD`. Tests then compare what the migrations build with the metadata, on every database.
Migrations only go up; a backup is the way back.
"""
