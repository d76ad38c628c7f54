"""Stories: predict, move, reveal. Small text files whose every result the program computes."""
