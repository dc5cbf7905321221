"""What `dev/bench` measures: a population made by SQL, and a floor written by hand."""
