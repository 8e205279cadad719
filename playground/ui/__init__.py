"""Controls and colours: what panels and views are made of."""
