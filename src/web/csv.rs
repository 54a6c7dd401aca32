//! Tables for spreadsheets: RFC 4180 with the semicolon that Portuguese ones expect, and a mark that says UTF-8.

use poem::http::header;
use poem::{Body, Response};

/// A table that grows line by line.
pub struct Table(String);

impl Table {
    /// With its head.
    pub fn new<const N: usize>(heads: [&str; N]) -> Self {
        let mut table = Self(String::from('\u{feff}'));
        table.line(heads);
        table
    }

    /// Adds a line. A cell that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV
    /// injection").
    pub fn line<const N: usize>(&mut self, cells: [&str; N]) {
        for (n, cell) in cells.into_iter().enumerate() {
            let apostrophe = if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
            let (before, cell) = (if n == 0 { "" } else { ";" }, cell.replace('"', "\"\""));
            self.0.extend([before, "\"", apostrophe, &cell, "\""]);
        }
        self.0.push_str("\r\n");
    }

    /// What was written since this was last asked, to be sent while the table grows.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.0)
    }

    /// The table as a file of this name to take away.
    pub fn file(self, name: &str) -> Response {
        file_of(name, self.0)
    }
}

/// A file of this name with a table in it.
pub fn file_of(name: &str, table: impl Into<Body>) -> Response {
    Response::builder()
        .content_type("text/csv; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\""))
        .body(table)
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_cell_is_kept_as_it_is_and_never_run() {
        let mut table = Table::new(["Nome", "a;b"]);
        table.line(["=1+1", "+55 62", "-1", "@SOMA(A1)", "\tx", "a \"b\"\nc", "bem"]);
        let line = "\"'=1+1\";\"'+55 62\";\"'-1\";\"'@SOMA(A1)\";\"'\tx\";\"a \"\"b\"\"\nc\";\"bem\"\r\n";
        assert_eq!(table.0, format!("\u{feff}\"Nome\";\"a;b\"\r\n{line}"));
    }
}
