"""The table widget: keys and mouse in, lines out."""

from typing import Any, ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.geometry import Region

from ktui.model.table import TableModel
from ktui.widgets.table import VirtualTable
from tests.ktui.model.tables import Word, table


class TableApp(App[None]):
    """One table on the whole screen."""

    ENABLE_COMMAND_PALETTE = False
    opened: ClassVar[list[str]] = []

    def __init__(self, model: TableModel[Any]) -> None:
        super().__init__()
        self.model = model
        self.keys: list[str] = []

    def compose(self) -> ComposeResult:
        """Only the table."""
        yield VirtualTable(self.model)

    def on_virtual_table_opened(self, message: VirtualTable.Opened) -> None:
        """Remember what was opened."""
        self.keys.append(message.key)

    @property
    def table(self) -> VirtualTable:
        """The widget under test."""
        return self.query_one(VirtualTable)

    def lines(self) -> list[str]:
        """What the table's lines say."""
        return [self.table.render_line(y).text.rstrip() for y in range(self.table.size.height)]


def _words(count: int) -> TableModel[Word]:
    return table(*(f"w{number:03}" for number in range(count)))


async def test_a_table_shows_titles_and_rows() -> None:
    """The header stands above; the cursor's row carries a mark; numbers stand to the right."""
    app = TableApp(table("a", "b"))
    async with app.run_test(size=(40, 5)):
        assert app.lines() == [
            " NAME COUNT STATUS  AGE",
            "▌a        0 Running 0s",
            " b        1 Running 0s",
            "",
            "",
        ]


async def test_moving_goes_through_pages_and_ends() -> None:
    """Each movement puts the cursor where it says."""
    app = TableApp(_words(100))
    async with app.run_test(size=(40, 11)):
        assert app.table.cursor == "w000"
        app.table.action_move(3)
        assert app.table.cursor == "w003"
        app.table.action_page(2)
        assert app.table.cursor == "w013"
        app.table.action_page(-1)
        assert app.table.cursor == "w008"
        app.table.action_last()
        assert app.table.cursor == "w099"
        assert app.lines()[-1].startswith("▌w099")
        app.table.action_first()
        assert app.table.cursor == "w000"


async def test_only_cells_that_look_different_are_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of one visible row repaints its cells; a change out of sight repaints none."""
    app = TableApp(_words(100))
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot.pause()
        regions: list[Region] = []
        monkeypatch.setattr(app.table, "refresh", lambda *found: regions.extend(found))
        app.model.put("w004", Word("w004", 4, "Pending"))
        app.model.put("w050", Word("w050", 50, "Pending"))
        app.table.sync()
        assert regions == [Region(12, 5, 7, 1)]


async def test_the_cursor_stays_on_its_object() -> None:
    """Rows put in above do not change what Enter would open."""
    app = TableApp(_words(30))
    async with app.run_test(size=(40, 11)) as pilot:
        app.table.select("w010")
        for number in range(5):
            app.model.put(f"a{number}", Word(f"a{number}"))
        app.table.sync()
        assert app.table.cursor == "w010"
        line = next(y for y, text in enumerate(app.lines()) if "w010" in text)
        await pilot.click(offset=(2, line), times=2)
        assert app.keys == ["w010"]


async def test_a_click_selects_and_a_double_click_opens() -> None:
    """The mouse does what the keys do."""
    app = TableApp(_words(5))
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot.click(offset=(2, 3))
        assert app.table.cursor == "w002"
        assert app.keys == []
        await pilot.click(offset=(2, 4), times=2)
        assert app.keys == ["w003"]


async def test_a_click_on_a_title_sorts() -> None:
    """Up, down, and back to the order of the keys."""
    app = TableApp(table("a", "b", "c"))
    async with app.run_test(size=(40, 11)) as pilot:
        orders = []
        for _ in range(3):
            await pilot.click(offset=(10, 0))
            orders.append((app.model.column, app.model.descending))
        assert orders == [(1, False), (1, True), (None, False)]


async def test_sorting_by_keys_goes_through_the_columns() -> None:
    """The next column, the one before, and the other way round."""
    app = TableApp(table("a", "b", "c"))
    async with app.run_test(size=(40, 11)):
        app.table.action_sort_next(1)
        app.table.action_sort_next(1)
        assert app.model.column == 1
        app.table.action_sort_reverse()
        assert [line[1] for line in app.lines()[1:4]] == ["c", "b", "a"]
        assert "COUNT↓" in app.lines()[0]
        app.table.action_sort_next(-1)
        app.table.action_sort_next(-1)
        assert app.model.column is None


async def test_the_wheel_scrolls_without_moving_the_cursor() -> None:
    """Looking elsewhere is not choosing."""
    app = TableApp(_words(30))
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot._post_mouse_events([MouseScrollDown], app.table, offset=(2, 2))
        await pilot.pause()
        assert app.lines()[1].startswith(" w003")
        assert app.table.cursor == "w000"


async def test_sideways_shows_the_columns_that_had_no_room() -> None:
    """Moving right shows whole columns from further on, moving back fits them again."""
    app = TableApp(table("a-rather-long-name-to-be-cut", "b"))
    async with app.run_test(size=(24, 5)):
        assert "…" in app.lines()[1]
        app.table.action_sideways(3)
        assert "…" not in app.lines()[1]
        assert "Running" in app.lines()[1]
        app.table.action_sideways(-9)
        assert "…" in app.lines()[1]


async def test_texts_are_data() -> None:
    """Markup is shown as it is; control characters as symbols."""
    model = table()
    model.put("k", Word("[red]\x1b[2J\nx[/"))
    app = TableApp(model)
    async with app.run_test(size=(60, 5)):
        assert app.lines()[1].startswith("▌[red]␛[2J␊x[/")


async def test_another_model_is_shown_from_its_first_row() -> None:
    """`use` forgets the cursor and the widths of the model before."""
    app = TableApp(_words(30))
    async with app.run_test(size=(40, 11)):
        app.table.action_last()
        app.table.use(table("x", "y"))
        assert app.table.cursor == "x"
        assert app.lines()[1].startswith("▌x ")
        assert app.lines()[3] == ""


async def test_every_line_is_exactly_as_wide_as_the_table() -> None:
    """Wide characters and long names never push the edge."""
    app = TableApp(table("日本語の名前がとても長い場合", "plain", "e\u0301clair" * 9))
    async with app.run_test(size=(30, 6)):
        for offset in range(3):
            assert {app.table.render_line(y).cell_length for y in range(6)} == {30}
            app.table.action_sideways(offset)
