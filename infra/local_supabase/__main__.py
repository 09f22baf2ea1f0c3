"""`python -m infra.local_supabase install` brings the local Supabase's Node packages."""

import argparse
import sys

from infra.local_supabase import LocalSupabaseError, install


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local_supabase")
    parser.add_argument("command", choices=["install"])
    parser.parse_args()
    try:
        install()
    except LocalSupabaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
