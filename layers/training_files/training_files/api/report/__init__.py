"""The call for a report, as JSON or as a page."""
