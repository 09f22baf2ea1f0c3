"""The log of the functions: JSON lines, each with the version that wrote it."""

from aws_lambda_powertools import Logger

from training_files.version import VERSION

logger = Logger(version=VERSION)
