"""A second reader of everything that Althing signs, written from docs/spec and from nothing else."""
