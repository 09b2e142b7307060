"""Synapse as :mod:`tests.harness.forking` becomes it: imported once, its event loop made by each.

Twisted makes a loop as soon as it is imported, and a forked process would share it with all others.
Synapse's own launcher of forked workers puts another thing in its place until then; so do we.
"""

from __future__ import annotations

from importlib import import_module

from synapse.app.complement_fork_proxied_reactor import ProxiedReactor
from twisted.internet.main import installReactor

_REACTOR = ProxiedReactor()
installReactor(_REACTOR)
# Not at the top: whatever imports Twisted's loop before this has one made.
_SYNAPSE = import_module("synapse.app.homeserver")


def main() -> None:
    """Be a homeserver."""
    from twisted.internet.epollreactor import EPollReactor

    _REACTOR._install_real_reactor(EPollReactor())
    _SYNAPSE.main()
