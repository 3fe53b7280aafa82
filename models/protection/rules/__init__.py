"""Protocol rules: what a client does about ends of a kind: match, action. Not guards that look at every failure."""
