"""A module in a layer as `sam build` lays it out."""

ORIGIN = "built"
