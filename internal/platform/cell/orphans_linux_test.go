package cell

// orphansOf are the processes that no container of a cell has ended.
func orphansOf(c *Cell) []orphan { return c.processes.orphans() }
