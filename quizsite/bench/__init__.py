"""What ``manage.py bench_grading`` measures: one module per subject, rows in common."""
