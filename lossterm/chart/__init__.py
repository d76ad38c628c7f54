"""Charts: as data, and as pictures of text. Knows numpy and plotext, and nothing of the rest of the program."""
