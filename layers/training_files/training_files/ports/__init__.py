"""What the service needs from the outside: repositories for rows, an object store for files, a queue for builds.

Every method may raise UpstreamUnavailableError and NotSetUpError. Every writing method may be called again with
the same arguments and has the same effect as once.
"""
