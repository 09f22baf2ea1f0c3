"""One line of the report."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`fault` says what is wrong and what mends it, `warning` what deserves a look; neither when all is well."""

    subject: str
    fault: str | None = None
    warning: str | None = None

    @property
    def verdict(self) -> str:
        if self.fault:
            return "FAIL"
        return "warn" if self.warning else "ok"

    def __str__(self) -> str:
        remark = self.fault or self.warning
        return f"{self.verdict:<5} {self.subject}" + (f": {remark}" if remark else "")
