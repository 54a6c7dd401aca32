//! The search over everything, drawn.

use super::{Asked, Found, kind_key};
use crate::domain::ids::*;
use crate::search::{Kind, Marked};
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::bits;
use crate::web::ui::bubble::stretches;
use crate::web::ui::icon::icon;
use crate::web::ui::layout::first_name;
use maud::{Markup, html};

/// One hit.
pub struct Row {
    /// Where it opens.
    pub href: String,
    /// What it is, as a picture.
    pub icon: &'static str,
    /// Whether it is an internal note.
    pub note: bool,
    /// With whom, or its title.
    pub name: String,
    /// Reference, phone or address.
    pub detail: Option<String>,
    /// Who wrote it.
    pub who: Option<String>,
    /// When, for machines and for people.
    pub time: (String, String),
    /// A line of it.
    pub snippet: Marked,
}

/// The question above, the hits below.
pub fn page(scene: &Scene, found: &Found, users: &[(UserId, String)], only: Option<&str>) -> Markup {
    html! {
        (form(scene, &found.asked, users, only))
        div.rows.hits #achados data-rows="" aria-label=(scene.w.find()) { (hits(scene, found)) }
    }
}

fn form(scene: &Scene, asked: &Asked, users: &[(UserId, String)], only: Option<&str>) -> Markup {
    let w = scene.w;
    let kind_name = |kind| match kind {
        Kind::Message => w.find_messages(),
        Kind::Note => w.find_notes(),
        Kind::Contact => w.contacts(),
        Kind::Opportunity => w.opportunities(),
    };
    html! {
        form.filters.wide.find method="get" action=(paths::FIND) role="search" {
            div.search {
                (icon("search"))
                input type="search" name="q" value=(asked.text) maxlength="600" placeholder=(w.find_placeholder()) aria-label=(w.find()) data-filter="#achados" data-search="all" autocomplete="off" autofocus;
                kbd.hide-s { "Ctrl K" }
            }
            select name="tipo" aria-label=(w.find_kind()) {
                option value="" { (w.find_kind()) ": " (w.all()) }
                @for kind in Kind::ALL { option value=(kind_key(kind)) selected[asked.kind == Some(kind)] { (kind_name(kind)) } }
            }
            select name="pessoa" aria-label=(w.find_by()) {
                option value="" { (w.find_by()) ": " (w.find_anybody()) }
                @for (id, name) in users { option value=(id) selected[asked.by == Some(*id)] { (name) } }
            }
            label.dated { (w.find_from()) input type="date" name="de" value=(asked.from); }
            label.dated { (w.find_until()) input type="date" name="ate" value=(asked.until); }
            select name="ordem" aria-label=(w.find_order()) {
                option value="" selected[!asked.best] { (w.find_order()) ": " (w.find_newest()) }
                option value="relevantes" selected[asked.best] { (w.find_order()) ": " (w.find_best()) }
            }
            @if let (Some(id), Some(name)) = (asked.contact, only) {
                input type="hidden" name="contato" value=(id);
                a.chip href=(Asked { contact: None, ..asked.clone() }.address(0)) title=(w.find_not_only()) { (w.find_only_with(name)) (icon("close")) span.unseen { (w.find_not_only()) } }
            }
            noscript { button.button type="submit" { (w.search()) } }
        }
    }
}

/// The hits, or why there are none.
pub fn hits(scene: &Scene, found: &Found) -> Markup {
    let w = scene.w;
    let asked = &found.asked;
    html! {
        @if let Some(percent) = found.building { p.building role="status" { (icon("clock")) (w.find_building(percent)) } }
        @for one in &found.rows { (row(one)) }
        @if let Some(more) = &found.more { a.more href=(more) { (w.show_more()) } }
        @if found.rows.is_empty() {
            @let text = match (asked.text.trim().is_empty(), asked.is_narrow()) {
                (true, _) => w.find_hint(),
                (_, true) => w.find_nothing_narrow(),
                _ => w.find_nothing(),
            };
            div role="status" { (bits::empty("search", text, None)) }
        }
    }
}

fn row(one: &Row) -> Markup {
    html! {
        a.row.hit.is-note[one.note] href=(one.href) {
            span.hit-kind { (icon(one.icon)) }
            span.row-top { b { (one.name) } @if let Some(detail) = &one.detail { span.ref { (detail) } } }
            time datetime=(one.time.0) { (one.time.1) }
            p { @if let Some(who) = &one.who { span.whose { (first_name(who)) ": " } } (stretches(&one.snippet)) }
        }
    }
}
