"""``make bench``: how fast an alert is, beside the floor below which nobody can come; and the gate.

::

    Synapse ◀──▶ `goudwacht run`  (or, in turns at the same address, floor.py)
       │
       ├── crowd: N members of two devices each, in this process; one device of each decrypts
       └── Anna, who reports, and Mila, who taps: real clients

The *floor* is a bare aiohttp application service, without database and without encryption, that
answers the transaction of a reaction at once with PUTs of ciphertexts of the same size to the same
rooms. It takes the service's place at the same address, as the same bot; the same clients read it
and do the same decrypting. Both are measured in turns, in the same minutes, on the same machine.

Clients as members have them would each keep a request open; a thousand of those keep one Synapse
process busy for seconds, whoever sends. So ten members of every size do, and the others share one
pushed stream (they are users of an application service of their own).

:mod:`~tests.bench.police` measures what is the police's, who are on a second homeserver: how soon
they read a reconnaissance, whether members wait for that homeserver when it is down, and how soon
after its return everything is read.
"""
