//! The reception's panel: on a second monitor or the wall all day, with who is in and who waits.

use super::{Shown, view};
use crate::domain::conversation::State;
use crate::domain::{Answer, Staff, inbox as lists};
use crate::store::Look;
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::scene::Scene;
use crate::web::ui::bits::avatar;
use crate::web::ui::icon::icon;
use crate::web::ui::layout;
use crate::web::{inbox, paths};
use maud::{Markup, html};

/// Who waits at most; what is more is counted.
const WAITING_MAX: usize = 8;

/// The panel.
pub async fn show(ask: Ask<Staff>) -> Reply {
    let look = ask.desk.look()?;
    let scene = ask.scene();
    let w = scene.w;
    let shown = Shown { day: None, ..Shown::read(&ask.query) };
    let board = shown.board(&look, scene.now)?;
    let live = shown.live(&look, "painel")?;
    if ask.fragment() {
        return Ok(answer::filtered(view::board(&scene, &ask.who, &board), &live.address, live.seq));
    }
    let body = html! {
        main.wall #principal tabindex="-1" {
            header.wall-head {
                h1 { (w.presence()) }
                form.filters.wide method="get" action=(paths::PRESENCE_WALL) role="search" {
                    div.search {
                        (icon("search"))
                        input type="search" name="nome" value=(shown.letters) placeholder=(w.type_a_name()) aria-label=(w.type_a_name()) data-filter="#presenca" data-search="" data-letters="" autocomplete="off" autofocus;
                    }
                    noscript { button.button type="submit" { (w.search()) } }
                }
                time.wall-clock data-clock=(scene.clock.zone()) data-now=(scene.now) { (scene.clock.time(scene.now)) }
                a.button href=(paths::PRESENCE) { (w.wall_back()) }
            }
            div.wall-body {
                section.wall-people aria-label=(w.presence()) #presenca { (view::board(&scene, &ask.who, &board)) }
                section.wall-queue #espera aria-labelledby="espera-titulo" { (queue(&look, &scene, &ask.who)?) }
            }
        }
    };
    Ok(answer::html(layout::bare_office(&scene, w.open_wall(), &live, body)))
}

/// Who waits, the longest first.
pub fn queue(look: &impl Look, scene: &Scene, staff: &Staff) -> Answer<Markup> {
    let w = scene.w;
    let n = lists::count(look, staff, State::Queued)?;
    let mut waiting = lists::page(look, staff, State::Queued, &lists::Filter::default(), None)?;
    waiting.reverse();
    waiting.truncate(WAITING_MAX);
    Ok(html! {
        h2 #espera-titulo { (w.wall_queue()) " " @if n > 0 { span.count { (n) } } }
        @if waiting.is_empty() { p.hint { (w.wall_queue_empty()) } }
        ul {
            @for one in &waiting {
                @let name = inbox::contact_name(look, one)?;
                li {
                    a href=(paths::conversation(one.id)) {
                        (avatar(&name))
                        span { b { (name) } small { (w.waits_since(&scene.clock.time_or_moment(one.last_at))) } }
                    }
                }
            }
        }
    })
}
