"""Pictures and pages: what a run or a study found, drawn and laid out for people who were not there."""
