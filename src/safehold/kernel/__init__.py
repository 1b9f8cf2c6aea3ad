"""Pure Python that everything else stands on: no Django, no input or output, the clock passed in."""
