//! The register, drawn: large enough to read while on the phone.

use super::{Shown, how, reason_or};
use crate::domain::Staff;
use crate::domain::access::Act;
use crate::domain::presence::{Board, Ended, Line, Reach, may_record_for};
use crate::web::csv::Table;
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::bits::{self, avatar};
use crate::web::ui::icon::icon;
use maud::{Markup, html};

/// An extension of more signs than this stands smaller, where there is room for it.
const EXTENSION_SHORT: usize = 6;

/// What one does here.
pub fn head(scene: &Scene, staff: &Staff, board: &Board) -> Markup {
    let w = scene.w;
    let others = staff.may(Act::RegisterOthers);
    let is_in = board.here.iter().any(|line| line.stay.user == staff.id);
    html! {
        a.button.hide-s href=(paths::PRESENCE_WALL) { (icon("screen")) (w.open_wall()) }
        @if board.is_today && (others || !is_in) {
            a.button.main href=(paths::PRESENCE_NEW) data-dialog="" { (icon("plus")) (if others { w.register_user() } else { w.register_entry() }) }
        }
    }
}

/// The field for letters of a name, and the way to other days.
pub fn tools(scene: &Scene, shown: &Shown, board: &Board) -> Markup {
    let w = scene.w;
    let beside = |days: i32| scene.clock.day_start(&board.day, days).map(|at| scene.clock.date_key(at));
    let day_link = |to: Option<String>, name: &str, label: &str| {
        html! { @if let Some(to) = to { a.icon href={ (paths::PRESENCE) "?dia=" (to) } aria-label=(label) title=(label) { (icon(name)) } } }
    };
    let (back, on) = board.leads();
    html! {
        div.presence-tools {
            form.filters.wide method="get" action=(paths::PRESENCE) role="search" {
                div.search {
                    (icon("search"))
                    input type="search" name="nome" value=(shown.letters) placeholder=(w.type_a_name()) aria-label=(w.type_a_name()) data-filter="#presenca" data-search="" data-letters="" autocomplete="off";
                }
                @if let Some(day) = &shown.day { input type="hidden" name="dia" value=(day); }
                noscript { button.button type="submit" { (w.search()) } }
            }
            form.day-form.today[board.is_today] method="get" action=(paths::PRESENCE) {
                @if back { (day_link(beside(-1), "back", w.day_before())) }
                label.unseen for="dia" { (w.day_field()) }
                // On the phone today is behind an icon; a day that is over is written out.
                span.day-field { (icon("calendar")) input #dia type="date" name="dia" value=(board.day) min=(board.first) max=(board.today) data-submit=""; }
                noscript { button.button type="submit" { (w.open()) } }
                @if on { (day_link(beside(1), "next", w.day_after())) }
                @if !board.is_today { a.button href=(paths::PRESENCE) { (w.today()) } }
            }
            a.button href={ (paths::PRESENCE_CSV) "?dia=" (board.day) } download="" aria-label=(w.download_csv()) title=(w.download_csv()) { (icon("download")) span.hide-s { (w.download_csv()) } }
            a.button.only-s href=(paths::PRESENCE_WALL) aria-label=(w.open_wall()) title=(w.open_wall()) { (icon("screen")) }
        }
    }
}

/// Everybody of a day.
pub fn board(scene: &Scene, staff: &Staff, board: &Board) -> Markup {
    let w = scene.w;
    if board.is_empty() {
        let why = match (board.is_today, board.is_to_come()) {
            (true, _) => w.nothing_found(),
            (_, true) => w.day_to_come(),
            _ => w.nobody_that_day(),
        };
        return bits::empty("people", why, None);
    }
    html! {
        @if board.is_today { (today(scene, staff, board)) }
        @if !board.stays.is_empty() {
            details.stays open[!board.is_today] {
                summary { (icon("clock")) (w.all_stays()) " " span.hint.num { (board.stays.len()) } }
                (stays(scene, board))
            }
        }
    }
}

fn today(scene: &Scene, staff: &Staff, board: &Board) -> Markup {
    let w = scene.w;
    html! {
        @if board.here.is_empty() && board.gone.is_empty() { p.hint.nobody { (w.nobody_here()) } }
        @if !board.here.is_empty() { (group("quem-esta", w.who_is_here(), board.here.len(), people(scene, staff, board, &board.here))) }
        @if !board.gone.is_empty() { (group("quem-saiu", w.who_left(), board.gone.len(), people(scene, staff, board, &board.gone))) }
        @if !board.absent.is_empty() {
            (group("quem-falta", w.who_is_absent(), board.absent.len(), html! {
                ul.absent {
                    @for (id, name) in &board.absent {
                        li {
                            @if may_record_for(staff, *id) {
                                a.button href={ (paths::PRESENCE_NEW) "?usuario=" (id) } data-dialog="" title=(w.register_entry()) { (name) }
                            } @else { span { (name) } }
                        }
                    }
                }
            }))
        }
    }
}

fn group(id: &str, title: &str, n: usize, list: Markup) -> Markup {
    html! {
        section.people aria-labelledby=(id) { h2 id=(id) { (title) " " span.hint.num { (n) } } (list) }
    }
}

fn people(scene: &Scene, staff: &Staff, board: &Board, lines: &[Line]) -> Markup {
    html! { ul.people-list { @for line in lines { (person(scene, staff, board, line)) } } }
}

fn person(scene: &Scene, staff: &Staff, board: &Board, line: &Line) -> Markup {
    let w = scene.w;
    let stay = &line.stay;
    let is_in = stay.ended.is_none();
    html! {
        li.person.out[!is_in] id={ "presenca-" (stay.user) } {
            (avatar(&line.name))
            div.person-who {
                b { (line.name) }
                p { (since(scene, board, line)) }
                @if !line.beside.is_empty() { p.beside { (icon("warn")) (w.same_extension(&line.beside.join(", "))) } }
            }
            p.person-where.long[stay.extension.chars().count() > EXTENSION_SHORT] { span { (w.extension()) " " } strong { (stay.extension) } }
            @if may_record_for(staff, stay.user) {
                div.person-do {
                    @if is_in {
                        a.icon href=(paths::stay(stay.id, "ramal")) data-dialog="" aria-label={ (w.change_extension()) ": " (line.name) } title=(w.change_extension()) { (icon("edit")) }
                        a.icon href=(paths::stay(stay.id, "saida")) data-dialog="" aria-label={ (w.register_exit()) ": " (line.name) } title=(w.register_exit()) { (icon("exit")) }
                    } @else if line.can_come {
                        a.icon href={ (paths::PRESENCE_NEW) "?usuario=" (stay.user) } data-dialog="" aria-label={ (w.register_entry()) ": " (line.name) } title=(w.register_entry()) { (icon("enter")) }
                    }
                }
            }
        }
    }
}

/// `desde 8:52`, or `Almoço, 12:05`; and who recorded it, where it was another.
fn since(scene: &Scene, board: &Board, line: &Line) -> Markup {
    let (w, stay) = (scene.w, &line.stay);
    html! {
        @match &stay.ended {
            None => {
                (w.since(&scene.clock.time(stay.began_at)))
                @if stay.began_by != stay.user { " · " (w.recorded_by(board.name(stay.began_by))) }
            },
            Some(ended) => {
                (how(scene, &Reach::Gone { at: ended.at, reason: ended.reason.clone() }).unwrap_or_default())
                @if let Some(by) = ended.by.filter(|by| *by != stay.user) { " · " (w.recorded_by(board.name(by))) }
            },
        }
    }
}

/// Every stay of the day, line by line.
fn stays(scene: &Scene, board: &Board) -> Markup {
    let w = scene.w;
    html! {
        div.table-wrap tabindex="0" role="region" aria-label=(w.all_stays()) {
            table.table {
                thead { tr { th scope="col" { (w.csv_name()) } th scope="col" { (w.extension()) } th scope="col" { (w.csv_entry()) } th scope="col" { (w.csv_exit()) } th scope="col" { (w.csv_reason()) } } }
                tbody {
                    @for line in &board.stays {
                        @let stay = &line.stay;
                        tr {
                            th scope="row" { (line.name) }
                            td.num data-label=(w.extension()) { (stay.extension) @for old in &stay.moves { small { (w.moved_from(&old.from, &scene.clock.time(old.at), board.name(old.by))) } } }
                            td.num data-label=(w.csv_entry()) { (scene.clock.time(stay.began_at)) @if stay.began_by != stay.user { small { (w.recorded_by(board.name(stay.began_by))) } } }
                            td.num data-label=(w.csv_exit()) { @if let Some(ended) = &stay.ended { (exit_time(scene, ended)) @if let Some(by) = ended.by.filter(|by| *by != stay.user) { small { (w.recorded_by(board.name(by))) } } } }
                            td data-label=(w.csv_reason()) { @if let Some(ended) = &stay.ended { (exit_reason(scene, ended)) } }
                        }
                    }
                }
            }
        }
    }
}

fn exit_time(scene: &Scene, ended: &Ended) -> String {
    scene.clock.time(ended.at)
}

fn exit_reason<'e>(scene: &Scene, ended: &'e Ended) -> &'e str {
    match ended.by {
        None => scene.w.left_by_night(),
        Some(_) => reason_or(scene.w, &ended.reason),
    }
}

/// The day as a table: a row for each stay.
pub fn table(scene: &Scene, board: &Board) -> Table {
    let w = scene.w;
    let mut table = Table::new([
        w.day_field(),
        w.csv_name(),
        w.extension(),
        w.csv_entry(),
        w.csv_entry_by(),
        w.csv_exit(),
        w.csv_exit_by(),
        w.csv_reason(),
        w.csv_moves(),
    ]);
    for line in &board.stays {
        let stay = &line.stay;
        let ended = stay.ended.as_ref();
        let moves = stay.moves.iter();
        let moves = moves.map(|old| w.moved_from(&old.from, &scene.clock.time(old.at), board.name(old.by)));
        table.line([
            &*board.day,
            &*line.name,
            &*stay.extension,
            &*scene.clock.time(stay.began_at),
            board.name(stay.began_by),
            &*ended.map_or(String::new(), |ended| exit_time(scene, ended)),
            ended.and_then(|ended| ended.by).map_or("", |by| board.name(by)),
            ended.map_or("", |ended| exit_reason(scene, ended)),
            &*moves.collect::<Vec<_>>().join("; "),
        ]);
    }
    table
}
