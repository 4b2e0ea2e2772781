"""Pictures that people upload: decoded in a child process, kept under names nobody can guess, served closed."""
