"""Services: what answers, with how many hands, how fast, and how it fails."""
