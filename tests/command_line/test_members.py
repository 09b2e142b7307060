"""``goudwacht members``: a list let in, shown, and let in again."""

from __future__ import annotations

from tests.command_line.site import Site
from tests.conftest import PersonFactory


async def test_a_list_is_let_in_row_by_row_and_can_be_let_in_again(
    site: Site, person: PersonFactory
) -> None:
    anna = await person("anna")
    server = site.lease.server_name
    sheet = site.path.with_name("leden.csv")
    sheet.write_bytes(
        "gebruiker;regio;winkel\r\n"
        f"{anna.user_id};Amsterdam;Juwelier Zoë\r\n"
        f"@nobody-of-this-name:{server};Amsterdam;\r\n"
        f"{anna.user_id};Breda;\r\n".encode("cp1252")
    )
    async with site.running():
        first = await site.command("members", "import", str(sheet))
        await anna.room_named("Goudwacht: waarschuwingen Amsterdam")
    again = await site.command("members", "import", str(sheet))
    listed = await site.command("members", "list", "--csv")

    assert first.stdout.splitlines() == [
        f"line 2: {anna.user_id}: new: is being invited",
        f"line 3: @nobody-of-this-name:{server}: left out: there is no such user",
        f"line 4: {anna.user_id}: left out: stands in the file twice, the first counts",
        "1 new, 0 changed, 0 as they were, 2 left out.",
    ]
    assert again.stdout.splitlines()[0] == (
        f"line 2: {anna.user_id}: takes part already, nothing to change"
    )
    assert f"{anna.user_id};amsterdam;Juwelier Zoë;nl" in listed.stdout
    assert (first.returncode, listed.returncode) == (1, 0)
