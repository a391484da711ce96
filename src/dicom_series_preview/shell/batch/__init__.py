"""Many series: workers, what they leave behind, and the folder it comes together in."""
