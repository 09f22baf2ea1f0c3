"""The page on which the API can be read and tried: Swagger UI as Powertools ships it, in one piece.

The page asks for nothing but the description beside it, and its policy keeps it from asking anyone else.
"""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files

# A token that was pasted stays in the page, and is gone when the page is.
START = """
window.ui = SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "openapi.json",
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
  layout: "BaseLayout",
  presets: [SwaggerUIBundle.presets.apis],
});
"""
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Training Files API</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. The description itself is at <a href="openapi.json">openapi.json</a>.</noscript>
<script>{bundle}</script>
<script>{start}</script>
</body>
</html>
"""


@lru_cache(maxsize=1)
def page() -> str:
    return PAGE.format(style=_shipped("swagger-ui.min.css"), bundle=_bundle(), start=START)


@lru_cache(maxsize=1)
def policy() -> str:
    """The Content-Security-Policy of the page: its own two scripts, and requests to where it came from."""
    scripts = " ".join(f"'sha256-{_sha256(script)}'" for script in (_bundle(), START))
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@lru_cache(maxsize=1)
def _bundle() -> str:
    # Inside a script element these two change how its end is found; in JavaScript's texts and patterns the escapes
    # mean the same. https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    return _shipped("swagger-ui-bundle.min.js").replace("<!--", r"\x3c!--").replace("<script", r"\x3cscript")


def _shipped(name: str) -> str:
    return (files("aws_lambda_powertools.event_handler.openapi.swagger_ui") / name).read_text(encoding="utf-8")


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
