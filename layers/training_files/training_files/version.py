"""The version, as pyproject.toml and CHANGELOG.md have it, and as the API's description and the logs state it."""

VERSION = "0.2.0"
