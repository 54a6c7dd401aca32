//! The table, and where it stands in the README.

use super::fill::root;
use super::floor;
use std::path::Path;
use std::time::Duration;

const BEGIN: &str = "<!-- speed: written by tests/speed/run -->";
const END: &str = "<!-- /speed -->";

/// One figure.
struct Row {
    what: String,
    measured: String,
    floor: String,
    bound: String,
    met: bool,
}

/// All figures of a run.
pub struct Paper {
    machine: String,
    rows: Vec<Row>,
}

impl Paper {
    pub fn new() -> Self {
        Self { machine: machine(), rows: Vec::new() }
    }

    pub fn row(&mut self, what: &str, measured: &str, floor: &str, bound: &str, met: bool) {
        let row = Row { what: what.into(), measured: measured.into(), floor: floor.into(), bound: bound.into(), met };
        floor::say(format_args!("{}", line(&row)));
        self.rows.push(row);
    }

    pub fn table(&self) -> String {
        let rows: String = self.rows.iter().map(|row| line(row) + "\n").collect();
        format!(
            "{}\n\n| what | measured | floor | asked for | |\n| --- | --- | --- | --- | --- |\n{rows}",
            self.machine
        )
    }

    /// Puts the table between its two markers in the README.
    pub fn publish(&self) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(BEGIN).expect("the README has the first marker");
        let (_, after) = rest.split_once(END).expect("the README has the second marker");
        std::fs::write(path, format!("{before}{BEGIN}\n{}{END}{after}", self.table())).unwrap();
    }
}

fn line(row: &Row) -> String {
    let met = if row.met { "✓" } else { "✗" };
    format!("| {} | {} | {} | {} | {met} |", row.what, row.measured, row.floor, row.bound)
}

/// Milliseconds, as precise as they deserve.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1_000.0;
    if ms < 10.0 { format!("{ms:.2} ms") } else { format!("{ms:.0} ms") }
}

/// The cores, their name, the disk, and the day.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "Measured on {} on {cores} cores of {}, fdatasync p50 {}, load before the run {load}; the driver runs on the \
         same cores.",
        jiff::Zoned::now().date(),
        model.unwrap_or("an unnamed processor"),
        ms(floor::fdatasync(&root())),
    )
}
