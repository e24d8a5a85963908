"""Extensions of Sphinx: roles and directives that print claims, times and the like from their files."""
