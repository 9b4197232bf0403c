"""The only SQL: tables, migrations, one module of load and save functions per aggregate."""
