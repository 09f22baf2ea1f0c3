"""`make demo`: chooses, builds, mends, tags and exports a training file on a local Supabase, and stops."""

import sys

from infra.stack import stopping_on_request

# What a shell tells of a command that Ctrl-C ended.
INTERRUPTED = 130


def main() -> int:
    with stopping_on_request():
        # It takes a while to load, and Ctrl-C counts from the beginning.
        from infra.demo_journey import run_demo

        return run_demo()
    print("\nStopped; nothing is left running.")
    return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
