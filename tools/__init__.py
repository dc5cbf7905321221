"""Pure arithmetic without the ORM: typed, tested by properties."""
