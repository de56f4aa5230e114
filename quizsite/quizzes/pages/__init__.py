"""What the pages of a quiz show: before, during and after an attempt."""
