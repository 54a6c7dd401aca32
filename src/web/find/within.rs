//! The search inside one conversation: every hit, marked, from hit to hit (Q6).

use crate::domain::conversation::Conversation;
use crate::domain::{Answer, Viewer, entry};
use crate::search::{HITS_MAX, Question, Target};
use crate::web::ask::{Ask, Who};
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::icon::icon;
use maud::{Markup, html};

/// Hits that are walked through; behind them the words are too common to walk.
const WALKED_MAX: usize = 2_000;

/// A conversation opened at a place, and mostly a search in it.
pub struct Within {
    /// As typed; empty for nothing.
    pub asked: String,
    /// The entry at whose place the conversation is open, in the viewer's numbers.
    pub at: Option<u64>,
    /// The conversation's address.
    home: String,
    /// Whether there is a search at all.
    search: bool,
    /// The entries that answer, newest first.
    hits: Vec<u64>,
    more: bool,
    building: Option<u8>,
}

impl Within {
    /// Reads it from an address (`busca`, `em`) and looks; none where it names neither.
    pub async fn read<W: Who>(ask: &Ask<W>, viewer: &Viewer, c: &Conversation, home: String) -> Answer<Option<Self>> {
        let (at, asked) = (ask.query.number("em"), ask.query.get("busca"));
        let (search, text) = (asked.is_some(), asked.unwrap_or_default().to_owned());
        let mut one = Self { asked: text, at, home, search, hits: Vec::new(), more: false, building: None };
        if one.asked.trim().is_empty() {
            return Ok((search || at.is_some()).then_some(one));
        }
        loop {
            let question = Question {
                text: one.asked.clone(),
                conversation: Some(c.id),
                skip: one.hits.len(),
                most: HITS_MAX,
                ..Question::default()
            };
            let found = ask.desk.find(viewer.clone(), question).await?;
            one.building = found.building;
            let look = ask.desk.look()?;
            for hit in &found.hits {
                one.hits.extend(number(&look, viewer, &hit.target)?);
            }
            one.more = found.more && !found.hits.is_empty();
            if !one.more || one.hits.len() >= WALKED_MAX {
                return Ok(Some(one));
            }
        }
    }

    /// Where to go first: the newest hit, while none is chosen.
    pub fn first(&self) -> Option<String> {
        let newest = self.hits.first().filter(|_| self.at.is_none())?;
        Some(paths::entry_in(&self.home, &self.asked, *newest))
    }

    /// The bar above the entries.
    pub fn bar(&self, scene: &Scene) -> Markup {
        if !self.search {
            return html! {};
        }
        let w = scene.w;
        let at = self.at.unwrap_or(u64::MAX);
        let place = self.hits.iter().position(|hit| *hit == at);
        let older = self.hits.iter().find(|hit| **hit < at);
        let newer = self.hits.iter().rev().find(|hit| **hit > at);
        let count = format!("{}{}", self.hits.len(), if self.more { "+" } else { "" });
        html! {
            form.within method="get" action=(self.home) role="search" data-within="" {
                div.search {
                    (icon("search"))
                    input type="search" name="busca" value=(self.asked) maxlength="600" placeholder=(w.find_within()) aria-label=(w.find_within()) data-search="" autocomplete="off" autofocus[self.asked.is_empty() || self.at.is_some()];
                }
                span.hint.num role="status" {
                    @if let Some(percent) = self.building { span title=(w.find_building(percent)) { (percent) "%" } }
                    @else if self.asked.trim().is_empty() {}
                    @else if self.hits.is_empty() { (w.find_none_here()) }
                    @else if let Some(place) = place { (w.find_place(place + 1, &count)) }
                    @else { (w.find_hits(&count)) }
                }
                (self.step("older", "up", w.find_older(), older))
                (self.step("newer", "down", w.find_newer(), newer))
                a.icon href=(self.home) data-end="" aria-label=(w.find_within_end()) title=(w.find_within_end()) { (icon("close")) }
            }
        }
    }

    fn step(&self, which: &str, picture: &str, label: &str, to: Option<&u64>) -> Markup {
        html! {
            @match to {
                Some(to) => a.icon data-step=(which) href=(paths::entry_in(&self.home, &self.asked, *to)) aria-label=(label) title=(label) { (icon(picture)) },
                None => span.icon.off aria-hidden="true" { (icon(picture)) },
            }
        }
    }
}

/// The number of a hit for this viewer.
fn number(look: &crate::store::Snapshot, viewer: &Viewer, target: &Target) -> Answer<Option<u64>> {
    let Target::Entry { entry, .. } = target else { return Ok(None) };
    Ok(match viewer {
        Viewer::Staff(_) => Some(entry.0),
        Viewer::Outsider(_) => entry::by_id(look, *entry)?.and_then(|one| one.outside),
    })
}

/// What stands below old messages instead of the composer: what is written belongs behind the newest.
pub fn foot(scene: &Scene, home: &str) -> Markup {
    let w = scene.w;
    html! {
        div.bar role="status" {
            p.grow { (w.reading_old()) }
            a.button.main href=(home) { (w.to_newest()) }
        }
    }
}

/// The way on from a stretch that does not reach the newest entry.
pub fn later(scene: &Scene, home: &str, until: Option<u64>) -> Markup {
    let Some(until) = until else { return html! {} };
    let there = match scene.asked.as_str() {
        "" => paths::entry_at(home, until),
        asked => paths::entry_in(home, asked, until),
    };
    html! { div.older { a.button href=(there) { (scene.w.show_newer()) } } }
}

/// The way in.
pub fn opener(scene: &Scene, home: &str) -> Markup {
    let label = scene.w.find_within();
    html! { a.icon data-find="" href={ (home) "?busca=" } aria-label=(label) title=(label) { (icon("search")) } }
}
