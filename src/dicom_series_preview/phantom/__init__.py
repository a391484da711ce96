"""The demo's person, as pure as the core: slices of a body made of formulas, and the marks on them."""
