"""The dialogue: a report asked out of somebody with shaking hands, one question at a time.

::

    what was typed or tapped ─▶ turns.take ─▶ Draft with one more input ─▶ saying ─▶ Say, React
             ▲                    │                  │
             │                    └ understanding    └ story: every input, understood in order
             └─ drafts (sealed): survives a restart, a day, another device

A draft keeps what was said (:class:`~bridge.dialogue.draft.Input`) and not only what came of it.
So "back" leaves the last answer out, an edited message is understood anew, and a deleted one is
left out, and what stands there then is what would have stood there had it never been said.

:mod:`~bridge.dialogue.questions` has what is asked and offered,
:mod:`~bridge.dialogue.understanding` what an answer means, :mod:`~bridge.dialogue.turns` what
follows. Those are pure. :mod:`~bridge.dialogue.dialogue` carries it out,
:mod:`~bridge.dialogue.drafts` keeps drafts, and :mod:`~bridge.dialogue.idle` reminds of them.
"""
