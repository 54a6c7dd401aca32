//! The search over everything one may see (R2).

mod view;
pub mod within;

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::Fields;
use super::paths;
use super::scene::Scene;
use super::thread;
use super::ui::layout::{self, Live, Place};
use crate::domain::entry::Body;
use crate::domain::ids::*;
use crate::domain::{Answer, Staff, Viewer, contact, conversation, entry, opportunity, user, values};
use crate::search::{Hit, Kind, Order, Question, SKIP_MAX, Target};
use crate::store::Snapshot;
use view::Row;

/// Hits of a page.
const PAGE: usize = 20;

/// What an address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    text: String,
    kind: Option<Kind>,
    by: Option<UserId>,
    contact: Option<ContactId>,
    from: String,
    until: String,
    best: bool,
    skip: usize,
}

impl Asked {
    fn read(query: &Fields) -> Self {
        let day = |name| query.text(name).chars().take(10).collect();
        Self {
            text: query.text("q").to_owned(),
            kind: Kind::ALL.into_iter().find(|kind| kind_key(*kind) == query.text("tipo")),
            by: query.number("pessoa").map(UserId),
            contact: query.number("contato").map(ContactId),
            from: day("de"),
            until: day("ate"),
            best: query.text("ordem") == "relevantes",
            skip: query.number("pular").map_or(0, |skip| (skip as usize).min(SKIP_MAX)),
        }
    }

    /// The address of the same question, from another hit on.
    fn address(&self, skip: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let numbers = [("pessoa", self.by.map(u64::from)), ("contato", self.contact.map(u64::from))];
        query.append_pair("q", &self.text);
        query.extend_pairs(self.kind.map(|kind| ("tipo", kind_key(kind))));
        for (name, number) in numbers {
            query.extend_pairs(number.map(|number| (name, number.to_string())));
        }
        query.extend_pairs([("de", &self.from), ("ate", &self.until)].into_iter().filter(|(_, day)| !day.is_empty()));
        query.extend_pairs(self.best.then_some(("ordem", "relevantes")));
        query.extend_pairs((skip > 0).then(|| ("pular", skip.to_string())));
        format!("{}?{}", paths::FIND, query.finish())
    }

    fn is_narrow(&self) -> bool {
        let days = !self.from.is_empty() || !self.until.is_empty();
        days || self.kind.is_some() || self.by.is_some() || self.contact.is_some()
    }

    fn question(&self, scene: &Scene) -> Question {
        Question {
            text: self.text.clone(),
            contact: self.contact,
            by: self.by,
            kinds: self.kind.into_iter().collect(),
            from: scene.clock.day_start(&self.from, 0),
            until: scene.clock.day_start(&self.until, 1),
            order: if self.best { Order::Best } else { Order::Newest },
            skip: self.skip,
            most: PAGE,
            ..Question::default()
        }
    }
}

fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Message => "mensagens",
        Kind::Note => "notas",
        Kind::Contact => "contatos",
        Kind::Opportunity => "oportunidades",
    }
}

/// What is drawn.
struct Found {
    asked: Asked,
    rows: Vec<Row>,
    more: Option<String>,
    building: Option<u8>,
}

/// The page; for its script the hits alone.
pub async fn page(ask: Ask<Staff>) -> Reply {
    let scene = ask.scene();
    let asked = Asked::read(&ask.query);
    let viewer = Viewer::Staff(ask.who.clone());
    let found = ask.desk.find(viewer.clone(), asked.question(&scene)).await?;
    let look = ask.desk.look()?;
    let mut rows = Vec::with_capacity(found.hits.len());
    for hit in found.hits {
        rows.extend(row(&look, &scene, &viewer, &asked, hit)?);
    }
    let next = asked.skip + PAGE;
    let more = (found.more && next <= SKIP_MAX).then(|| asked.address(next));
    let found = Found { asked, rows, more, building: found.building };
    if ask.fragment() {
        return Ok(answer::html(view::hits(&scene, &found)));
    }
    let users = user::all(&look)?.into_iter().map(|user| (user.id, user.name)).collect::<Vec<_>>();
    // A number of nobody narrows to nothing; it needs no name.
    let only = found.asked.contact.and_then(|id| contact::by_id(&look, id).ok()).map(|contact| contact.name);
    let body = view::page(&scene, &found, &users, only.as_deref());
    let live = Live { address: format!("{}?tela=outra", paths::LIVE), seq: look.reached()? };
    let unread = super::inbox::unread(&look, &ask.who)?;
    Ok(answer::html(layout::office_column(
        &scene,
        Place::Find,
        unread,
        Some(&live),
        maud::html! {},
        scene.w.find(),
        body,
    )))
}

/// A hit as a row; none where it is gone meanwhile.
fn row(look: &Snapshot, scene: &Scene, viewer: &Viewer, asked: &Asked, hit: Hit) -> Answer<Option<Row>> {
    let time = (scene.clock.machine(hit.at), scene.clock.short(hit.at));
    let row = match hit.target {
        Target::Entry { entry, conversation } => {
            let c = conversation::visible(look, viewer, conversation)?;
            let Some(one) = entry::by_id(look, entry)? else { return Ok(None) };
            let note = matches!(one.body, Body::Note { .. });
            let deal = c.opportunity.map(|id| opportunity::by_id(look, id)).transpose()?;
            Row {
                href: paths::entry_in(&paths::conversation(c.id), &asked.text, entry.0),
                icon: if note { "lock" } else { "chat" },
                note,
                name: contact::by_id(look, c.contact)?.name,
                detail: deal.map(|deal| deal.reference),
                who: Some(thread::author_name(look, scene, one.author, one.contact)?),
                time,
                snippet: hit.snippet,
            }
        }
        Target::Contact(id) => {
            let one = contact::by_id(look, id)?;
            let phone = one.phones.first().map(|phone| values::phone_shown(phone, scene.home));
            let detail = phone.or_else(|| one.emails.first().cloned());
            let (href, icon) = (paths::contact(id), "people");
            Row { href, icon, note: false, name: one.name, detail, who: None, time, snippet: hit.snippet }
        }
        Target::Opportunity(id) => {
            let one = opportunity::by_id(look, id)?;
            let detail = Some(one.reference);
            let (href, icon) = (paths::opportunity(id), "deal");
            Row { href, icon, note: false, name: one.title, detail, who: None, time, snippet: hit.snippet }
        }
    };
    Ok(Some(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r2_an_address_says_the_whole_question_again() {
        let asked = Asked {
            text: "\"contrato de locação\" & cia".into(),
            kind: Some(Kind::Note),
            by: Some(UserId(3)),
            contact: Some(ContactId(9)),
            from: "2026-06-01".into(),
            until: "2026-06-30".into(),
            best: true,
            skip: 40,
        };
        let address = asked.address(40);
        let query = address.split_once('?').map_or("", |(_, query)| query);
        assert_eq!(Asked::read(&Fields::read(query.as_bytes())), asked);
        assert_eq!(Asked::read(&Fields::default()).address(0), "/busca?q=");
    }
}
