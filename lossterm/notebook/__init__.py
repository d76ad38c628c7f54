"""What ``import lossterm`` gives a notebook: functions of names and numbers, and results that show themselves there."""
