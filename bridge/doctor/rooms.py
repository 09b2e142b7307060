"""The rooms: are they those of the records, and as they should be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from appservice.rooms import records
from appservice.rooms.directory import Published
from appservice.rooms.faults import NotMade, NotSeen, RoomFault, faults
from appservice.rooms.plan import Invite, Remove, RoomPlan, SetState, Unban
from bridge.doctor.examination import Fault
from bridge.doctor.installation import Installation
from bridge.members.register import Register, not_taken_over
from bridge.places import plans
from bridge.wording import Wording, templates_directory

_RESTART = "Restart the service."
_REPAIRED = (
    "The service repairs this at its start, and while it runs within ten minutes, in a private "
    "room within an hour. If it stays, the log says what the homeserver refuses."
)


async def rooms(installation: Installation) -> Sequence[Fault]:
    """Look at the plans in the database, and at the rooms on the homeserver."""
    configuration = installation.configuration
    wording = Wording(templates_directory(), configuration.network.timezone)
    register = Register(installation.vault, configuration.may_take_part, configuration.police.units)
    async with installation.database.read() as work:
        await register.look(work)
        waiting = await not_taken_over(work, configuration)
        recorded = [plan for plan, _ in await records.plans(work)]
    wanted = plans(
        configuration, register.regions, register.roster, wording, installation.vault.pseudonym
    )
    changed = [Fault(f"{entry}: stands in the configuration only.", _RESTART) for entry in waiting]
    changed += outdated(wanted, recorded)
    return changed + [
        told(fault) for fault in await faults(installation.database, installation.bot)
    ]


def outdated(wanted: Iterable[RoomPlan], recorded: Iterable[RoomPlan]) -> list[Fault]:
    """Return how the configuration's rooms differ from those the service last started with."""
    now, then = ({plan.key: plan for plan in group} for group in (wanted, recorded))
    different = {key for key, plan in now.items() if key in then and then[key] != plan}
    # A room that is no longer planned stays in the records, with nobody in it.
    closing = {key for key in then.keys() - now.keys() if then[key].members}
    changes = sorted((now.keys() - then.keys()) | different | closing)
    return [Fault(f"{key}: not as the configuration says now.", _RESTART) for key in changes]


def told(fault: RoomFault) -> Fault:
    """Say what is wrong with a room."""
    key = fault.plan.key
    match fault.what:
        case NotMade():
            return Fault(f"{key}: not made yet.", "Start the service once: goudwacht run")
        case NotSeen(errcode):
            return Fault(
                f"{key}: the bot is not in its room any more ({errcode}).",
                "An administrator of the homeserver removed the bot or the room: ask them.",
            )
        case Published():
            return Fault(f"{key}: it is to be found in the homeserver's directory.", _REPAIRED)
        case SetState(kind, _, _):
            return Fault(f"{key}: somebody changed its {kind}.", _REPAIRED)
        case Invite(user):
            return Fault(f"{key}: {user} is neither in it nor invited.", _REPAIRED)
        case Unban(user):
            return Fault(f"{key}: {user} is banned from it and belongs there.", _REPAIRED)
        case Remove(user):
            return Fault(f"{key}: {user} is in it and does not belong there.", _REPAIRED)
