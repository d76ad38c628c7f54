"""What the features share, without Textual: what is looked at, how it is kept, and how it is written."""
