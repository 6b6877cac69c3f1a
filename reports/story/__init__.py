"""Stories of deceptions as pages: ``page`` makes the HTML, ``picture`` the chain as inline SVG."""
