package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"rollcall/escape"
)

// grid is a table for people: plain columns, and column names as SQL has them. A grid with a width leaves columns out, and then
// shortens one, until its lines fit.
type grid struct {
	header  []string
	rows    [][]string
	numbers []int    // columns that stand to the right, counted from 1
	width   int      // of a line, in cells of a terminal; 0 is any
	least   []string // columns that may be left out, in this order
	elastic string   // the column that is shortened where leaving out does not do
	linked  string   // the column whose cells begin with the ID of a list
	unused  []string // columns that are not shown
}

func newGrid(header ...string) *grid {
	g := &grid{}
	for _, name := range header {
		g.header = append(g.header, escape.Value(name))
	}
	return g
}

// alignRight aligns columns, counted from 1, to the right.
func (g *grid) alignRight(columns ...int) { g.numbers = append(g.numbers, columns...) }

// fit bounds the width of the table's lines: it leaves out the columns of least, in this order, and shortens the elastic one.
func (g *grid) fit(width int, elastic string, least ...string) {
	g.width, g.elastic, g.least = width, elastic, least
}

// link turns the list IDs at the beginning of a column's cells into links, on a terminal that can show them.
func (g *grid) link(column string) { g.linked = column }

// leave leaves columns out, and says nothing of it.
func (g *grid) leave(columns ...string) { g.unused = append(g.unused, columns...) }

// add adds a row. A text is a value, as for show.
func (g *grid) add(cells ...any) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		s, ok := textOf(cell)
		if !ok {
			s = fmt.Sprint(cell)
		}
		row[i] = escape.Value(s)
	}
	g.rows = append(g.rows, row)
}

// write prints the table, each line after indent and without blanks at its end, and then the names of the columns it left out.
func (g *grid) write(w io.Writer, indent string) {
	shown, out := g.columns(len(indent))
	t := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", strings.Repeat(" ", gap)
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	var configs []table.ColumnConfig
	for n, i := range shown {
		if slices.Contains(g.numbers, i+1) {
			configs = append(configs, table.ColumnConfig{Number: n + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
	}
	t.SetColumnConfigs(configs)
	room := g.elasticWidth(shown, len(indent))
	t.AppendHeader(g.line(w, g.header, shown, room))
	for _, row := range g.rows {
		t.AppendRow(g.line(w, row, shown, room))
	}
	for line := range strings.SplitSeq(t.Render(), "\n") {
		_, _ = fmt.Fprintln(w, strings.TrimRight(indent+line, " ")) // the output keeps the error
	}
	if len(out) > 0 {
		show(w, "%sleft out to fit %d columns: %s\n", indent, g.width, strings.Join(out, ", "))
	}
}

// gap is the number of blanks between two columns.
const gap = 2

// columns returns the indexes of the columns that fit after an indent, and the names of those that are left out.
func (g *grid) columns(indent int) (shown []int, out []string) {
	for i, name := range g.header {
		if !slices.Contains(g.unused, name) {
			shown = append(shown, i)
		}
	}
	for _, name := range g.least {
		if g.width == 0 || indent+g.total(shown)-g.slack(shown) <= g.width {
			break
		}
		if at := slices.IndexFunc(shown, func(i int) bool { return g.header[i] == name }); at >= 0 {
			shown, out = slices.Delete(shown, at, at+1), append(out, name)
		}
	}
	return shown, out
}

// elasticWidth returns the width that the other columns leave to the elastic one; 0 is any.
func (g *grid) elasticWidth(shown []int, indent int) int {
	elastic := slices.Index(g.header, g.elastic)
	if g.width == 0 || !slices.Contains(shown, elastic) {
		return 0
	}
	over := indent + g.total(shown) - g.width
	if over <= 0 {
		return 0
	}
	return g.widest(elastic) - min(over, g.slack(shown))
}

// shortest is the width below which the elastic column is not cut.
const shortest = 12

// slack returns by how much the elastic column may be cut.
func (g *grid) slack(shown []int) int {
	elastic := slices.Index(g.header, g.elastic)
	if !slices.Contains(shown, elastic) {
		return 0
	}
	return max(0, g.widest(elastic)-shortest)
}

// total is the width of a line of the columns.
func (g *grid) total(shown []int) int {
	n := -gap
	for _, i := range shown {
		n += g.widest(i) + gap
	}
	return n
}

// widest is the width of a column.
func (g *grid) widest(column int) int {
	n := cells(g.header[column])
	for _, row := range g.rows {
		n = max(n, cells(row[column]))
	}
	return n
}

// line is a line of the columns, with the elastic one cut to the room.
func (g *grid) line(w io.Writer, cells []string, shown []int, room int) table.Row {
	row := make(table.Row, len(shown))
	for n, i := range shown {
		cell := cells[i]
		if room > 0 && g.header[i] == g.elastic {
			cell = text.Snip(cell, room, "…")
		}
		if g.header[i] == g.linked {
			id, name, _ := strings.Cut(cell+" ", " ")
			cell = strings.TrimRight(linkedList(w, id).text()+" "+name, " ")
		}
		row[n] = cell
	}
	return row
}

// writeRecords prints the rows one below the other, each as lines of a column's name and its value.
func (g *grid) writeRecords(w io.Writer) {
	names := 0
	for _, name := range g.header {
		names = max(names, cells(name))
	}
	for n, row := range g.rows {
		if n > 0 {
			_, _ = fmt.Fprintln(w)
		}
		for i, name := range g.header {
			show(w, "%s  %s\n", text.Pad(name, names, ' '), row[i])
		}
	}
}

// fits reports whether the whole table fits into a width; 0 is any.
func (g *grid) fits(width int) bool {
	all, _ := g.columns(0)
	return width == 0 || g.total(all) <= width
}
