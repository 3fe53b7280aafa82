"""Values as somebody writes them (300ms, 400/s, 5%), what they amount to, and conditions and formulas of them."""
