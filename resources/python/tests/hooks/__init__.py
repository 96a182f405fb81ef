"""A package, for its conftest is not to take the place of the other one."""
