"""What the tests stand on: a real homeserver, a real database server, real members.

::

    tests, the demo
      │
      ├── synapse.Synapse ............. a homeserver process on loopback, SQLite
      │     ├── leases ................ the registrations it was started with
      │     ├── homes ................. a run's homeservers, with leases enough for its tests
      │     └── federation ............ what it takes for several of them to speak to each other
      ├── scratch ..................... where the files of all these go
      ├── postgres.Postgres ........... a database server process, a fresh database at a call
      ├── people.Person ............... a member with an encrypted client on matrix-nio
      │     ├── device ................ the client itself: sync, keys, sends (all of nio is here)
      │     ├── cross_signing ......... the member's own identity keys
      │     ├── reader ................ waiting for what the member sees
      │     ├── timeline .............. what the member has read
      │     └── rooms ................. the rooms they are in, were asked into, have left
      └── strict_client.StrictClient .. a member on Element's engine, who trusts signed devices only

Nothing here imports the product, but for the names of its identifiers: a fault in it cannot
hide by being on both sides of a test.
"""
