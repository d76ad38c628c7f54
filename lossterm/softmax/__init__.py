"""The Softmax screen and its command: one example with K classes, and what each loss makes of it."""
