//! Rules of the register that need no house.

use super::*;

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

#[test]
fn p1_an_extension_is_one_short_line() {
    assert_eq!(read_extension("  204 "), Ok("204".into()));
    assert_eq!(read_extension("no\ncelular"), Ok("no celular".into()));
    assert_eq!(read_extension(" \n "), Err(Why::Empty));
    assert_eq!(read_extension(&"9".repeat(21)), Err(Why::TooLong(20)));
}

#[test]
fn p3_a_day_ends_at_the_agencys_midnight_also_where_it_has_23_hours() {
    let noon = at("2026-11-22T12:00:00Z");
    for (zone, day, after) in [
        ("America/Sao_Paulo", "2026-11-22", "2026-11-23T03:00:00Z"),
        ("Pacific/Kiritimati", "2026-11-23", "2026-11-23T10:00:00Z"),
        ("Pacific/Pago_Pago", "2026-11-22", "2026-11-23T11:00:00Z"),
    ] {
        assert_eq!(day_in(zone, noon), day, "{zone}");
        assert_eq!(midnight_after(zone, day), Some(at(after)), "{zone}");
    }
    assert_eq!(midnight_after("Europe/Lisbon", "2026-03-29"), Some(at("2026-03-29T23:00:00Z")));
    assert_eq!(midnight_after("Europe/Lisbon", "2026-13-29"), None);
}
