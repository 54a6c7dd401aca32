//! Tables for spreadsheets: RFC 4180 with the semicolon that Portuguese ones expect, and a mark that says UTF-8.

/// What the answer is.
pub const TYPE: &str = "text/csv; charset=utf-8";

/// The rows as one file. A cell that a spreadsheet would run as a formula gets an apostrophe before it (C61, OWASP).
pub fn table(rows: &[Vec<String>]) -> String {
    let mut csv = String::from("\u{feff}");
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        csv.push_str(&cells.join(";"));
        csv.push_str("\r\n");
    }
    csv
}

fn quoted(cell: &str) -> String {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if risky { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains(['"', ';', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn a_cell_is_kept_as_it_is_and_never_run() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let csv = table(&[row(&["Nome", "a;b"]), row(&["=1+1", "disse \"oi\"\nsim"])]);
        assert_eq!(csv, "\u{feff}Nome;\"a;b\"\r\n'=1+1;\"disse \"\"oi\"\"\nsim\"\r\n");
    }
}
