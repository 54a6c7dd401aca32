//! A potential deal: `VEN-1` (sale), `LOC-2` (letting), `TEM-3` (seasonal), from the first word to won or lost (E3, E4).

use super::access::{Act, Staff};
use super::contact;
use super::conversation;
use super::entry::{self, Body};
use super::event::Event;
use super::ids::{ContactId, OpportunityId, UserId};
use super::refusal::{Answer, Check, Refusal, Why};
use super::schema::{OPPORTUNITIES, OPPORTUNITIES_BY_CONTACT, OPPORTUNITIES_BY_TIME, OPPORTUNITIES_BY_USER};
use super::user;
use super::values::fold;
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Characters of the title at most.
pub const TITLE_CHARS_MAX: usize = 120;
/// Characters of what is sought, and of the property's description, at most.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// Opportunities of a page of the list.
pub const PAGE: usize = 30;
/// How many stages a deal has (E4).
pub const STAGES: usize = 7;

/// What kind of deal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Venda.
    Sale,
    /// Locação, arrendamento.
    Letting,
    /// Temporada.
    Season,
}

impl Kind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Sale, Self::Letting, Self::Season];

    /// Its key in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sale => "venda",
            Self::Letting => "locacao",
            Self::Season => "temporada",
        }
    }

    /// The kind of a key.
    pub fn of(key: &str) -> Result<Self, Why> {
        Self::ALL.into_iter().find(|kind| kind.key() == key).ok_or(Why::NotAChoice)
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Sale => "VEN",
            Self::Letting => "LOC",
            Self::Season => "TEM",
        }
    }
}

/// How it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Being worked on.
    Open,
    /// GANHA.
    Won,
    /// PERDIDA.
    Lost,
}

/// An opportunity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opportunity {
    /// Its number.
    pub id: OpportunityId,
    /// What people call it: `VEN-1`; never reused.
    pub reference: String,
    /// Sale, letting or season.
    pub kind: Kind,
    /// In a few words.
    pub title: String,
    /// What is sought, in a sentence.
    pub seeking: String,
    /// The property it is about, in words.
    pub property: String,
    /// In cents; nothing known is `None`.
    pub amount: Option<u64>,
    /// The potential client.
    pub contact: ContactId,
    /// Who works on it.
    pub responsible: UserId,
    /// 0 to 6.
    pub stage: usize,
    /// ALTA or BAIXA.
    pub high_priority: bool,
    /// How it stands.
    pub outcome: Outcome,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub updated_at: i64,
}

impl Opportunity {
    /// How far it is, in percent: by its stage, and whole when it was won.
    pub fn percent(&self) -> usize {
        match self.outcome {
            Outcome::Won => 100,
            _ => (self.stage + 1) * 100 / STAGES,
        }
    }
}

impl Record for Opportunity {
    type Id = OpportunityId;
    const TABLE: Table = OPPORTUNITIES;
    fn id(&self) -> OpportunityId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        at.at(OPPORTUNITIES_BY_TIME, Key::new().signed(self.updated_at));
        at.at(OPPORTUNITIES_BY_USER, Key::new().number(self.responsible.0).signed(self.updated_at));
        at.at(OPPORTUNITIES_BY_CONTACT, Key::new().number(self.contact.0).signed(self.updated_at));
    }
}

/// What a form says of an opportunity.
#[derive(Clone)]
pub struct Draft {
    /// See [`Opportunity`].
    pub kind: Kind,
    /// See [`Opportunity`].
    pub title: String,
    /// See [`Opportunity`].
    pub seeking: String,
    /// See [`Opportunity`].
    pub property: String,
    /// See [`Opportunity`].
    pub amount: Option<u64>,
    /// See [`Opportunity`].
    pub contact: ContactId,
    /// See [`Opportunity`].
    pub responsible: UserId,
}

/// Makes an opportunity with the next reference of its kind.
pub fn add(tx: &mut Tx<'_>, staff: &Staff, draft: &Draft) -> Answer<OpportunityId> {
    let draft = checked(tx, draft)?;
    let id = tx.next(OPPORTUNITIES)?;
    let number = tx.count(&format!("reference {}", draft.kind.prefix()))?;
    tx.put(&Opportunity {
        id,
        reference: format!("{}-{number}", draft.kind.prefix()),
        kind: draft.kind,
        title: draft.title,
        seeking: draft.seeking,
        property: draft.property,
        amount: draft.amount,
        contact: draft.contact,
        responsible: draft.responsible,
        stage: 0,
        high_priority: false,
        outcome: Outcome::Open,
        created_at: tx.now(),
        updated_at: tx.now(),
    })?;
    tx.announce(&Event::OpportunityChanged { opportunity: id, was: None })?;
    note(tx, staff, id, Body::OpportunityMade)?;
    Ok(id)
}

/// Changes what the form shows; the reference stays. Conversations on it follow a new responsible.
pub fn edit(tx: &mut Tx<'_>, staff: &Staff, id: OpportunityId, draft: &Draft) -> Answer<()> {
    let mut now = visible(tx, staff, id)?;
    let before = now.responsible;
    let draft = checked(tx, draft)?;
    now.title = draft.title;
    now.seeking = draft.seeking;
    now.property = draft.property;
    now.amount = draft.amount;
    now.contact = draft.contact;
    now.responsible = draft.responsible;
    keep(tx, &mut now)?;
    if before != now.responsible { given(tx, staff, &now, before) } else { Ok(()) }
}

/// Gives a colleague what a member of staff who is switched off worked on; won and lost ones too if so asked. Says how
/// many that were.
pub(super) fn hand_over_all(tx: &mut Tx<'_>, staff: &Staff, from: UserId, to: UserId, settled: bool) -> Answer<usize> {
    let mut given_away = 0;
    for mut now in of_user(tx, from)? {
        if now.outcome == Outcome::Open || settled {
            now.responsible = to;
            keep(tx, &mut now)?;
            given(tx, staff, &now, from)?;
            given_away += 1;
        }
    }
    Ok(given_away)
}

/// What follows from another responsible.
fn given(tx: &mut Tx<'_>, staff: &Staff, now: &Opportunity, from: UserId) -> Answer<()> {
    conversation::follow(tx, now.id, now.responsible)?;
    note(tx, staff, now.id, Body::OpportunityGiven { from, to: now.responsible })
}

/// Moves it to a stage (0 to 6).
pub fn set_stage(tx: &mut Tx<'_>, staff: &Staff, id: OpportunityId, stage: usize) -> Answer<()> {
    let mut now = visible(tx, staff, id)?;
    if stage >= STAGES {
        return Err(Refusal::Invalid(vec![("etapa", Why::NotAChoice)]).into());
    }
    if now.stage != stage {
        now.stage = stage;
        keep(tx, &mut now)?;
        note(tx, staff, id, Body::StageSet { stage })?;
    }
    Ok(())
}

/// GANHA, PERDIDA, or open again.
pub fn set_outcome(tx: &mut Tx<'_>, staff: &Staff, id: OpportunityId, outcome: Outcome) -> Answer<()> {
    let mut now = visible(tx, staff, id)?;
    if now.outcome != outcome {
        now.outcome = outcome;
        keep(tx, &mut now)?;
        note(tx, staff, id, Body::OutcomeSet { outcome })?;
    }
    Ok(())
}

/// ALTA or BAIXA.
pub fn set_priority(tx: &mut Tx<'_>, staff: &Staff, id: OpportunityId, high: bool) -> Answer<()> {
    let mut now = visible(tx, staff, id)?;
    if now.high_priority != high {
        now.high_priority = high;
        keep(tx, &mut now)?;
    }
    Ok(())
}

/// Moves it up the list, because something was said on it; once a minute, which is as exact as people are shown it.
pub(super) fn touch(tx: &mut Tx<'_>, id: OpportunityId) -> Answer<()> {
    const MINUTE: i64 = 60_000;
    let mut now: Opportunity = tx.get(id)?.ok_or(Refusal::NotFound)?;
    if tx.now().div_euclid(MINUTE) <= now.updated_at.div_euclid(MINUTE) {
        return Ok(());
    }
    keep(tx, &mut now)
}

/// The opportunity, if this member of staff may see it: their own, and all for those who see everything.
pub fn visible(look: &impl Look, staff: &Staff, id: OpportunityId) -> Answer<Opportunity> {
    look.get::<Opportunity>(id)?.filter(|one| sees(staff, one)).ok_or(Refusal::NotFound.into())
}

/// The opportunity without asking who looks: for what follows from something already allowed.
pub fn by_id(look: &impl Look, id: OpportunityId) -> Answer<Opportunity> {
    Ok(look.get(id)?.ok_or(Refusal::NotFound)?)
}

/// Whether it is in this member of staff's lists.
pub fn sees(staff: &Staff, opportunity: &Opportunity) -> bool {
    staff.may(Act::SeeEverything) || opportunity.responsible == staff.id
}

/// What this member of staff may see, newest change first; only their own if `mine`; only what contains `typed` in
/// reference, title, description or the client's name. A page of it, before the given one (its time and number), at most
/// [`PAGE`]: nothing is read behind its end.
pub fn page(
    look: &impl Look,
    staff: &Staff,
    mine: bool,
    typed: &str,
    before: Option<(i64, OpportunityId)>,
) -> Answer<Vec<Opportunity>> {
    let (index, prefix) = if mine || !staff.may(Act::SeeEverything) {
        (OPPORTUNITIES_BY_USER, Key::new().number(staff.id.0))
    } else {
        (OPPORTUNITIES_BY_TIME, Key::new())
    };
    let high = match before {
        Some((at, id)) => Some(prefix.clone().signed(at).number(id.0).bytes().to_vec()),
        None => prefix.after(),
    };
    let typed = fold(typed.trim());
    let (mut found, mut failed) = (Vec::new(), None);
    look.each_id(index, prefix.bytes(), high.as_deref(), Order::Falling, |id| {
        match listed_one(look, id, &typed) {
            Ok(one) => found.extend(one),
            Err(no) => failed = Some(no),
        }
        failed.is_none() && found.len() < PAGE
    })?;
    failed.map_or(Ok(found), Err)
}

/// The opportunity of an index row, if it contains what was typed.
fn listed_one(look: &impl Look, id: OpportunityId, typed: &str) -> Answer<Option<Opportunity>> {
    let Some(one) = look.get::<Opportunity>(id)? else { return Ok(None) };
    Ok((typed.is_empty() || matches(look, &one, typed)?).then_some(one))
}

/// Whether an opportunity this member of staff sees belongs into such a list.
pub fn listed(look: &impl Look, staff: &Staff, one: &Opportunity, mine: bool, typed: &str) -> Answer<bool> {
    let theirs = one.responsible == staff.id || (!mine && staff.may(Act::SeeEverything));
    let typed = fold(typed.trim());
    Ok(theirs && (typed.is_empty() || matches(look, one, &typed)?))
}

/// Everything a member of staff works on or has settled.
pub(super) fn of_user(look: &impl Look, user: UserId) -> Answer<Vec<Opportunity>> {
    Ok(look.list(OPPORTUNITIES_BY_USER, &Key::new().number(user.0), Order::Rising, usize::MAX)?)
}

/// Those of a contact that this member of staff may see.
pub fn of_contact(look: &impl Look, staff: &Staff, contact: ContactId) -> Answer<Vec<Opportunity>> {
    let all: Vec<Opportunity> =
        look.list(OPPORTUNITIES_BY_CONTACT, &Key::new().number(contact.0), Order::Falling, 100)?;
    Ok(all.into_iter().filter(|one| sees(staff, one)).collect())
}

fn matches(look: &impl Look, one: &Opportunity, typed: &str) -> Answer<bool> {
    let client = look.get::<contact::Contact>(one.contact)?.map_or(String::new(), |contact| contact.name);
    Ok([&one.reference, &one.title, &one.seeking, &one.property, &client]
        .into_iter()
        .any(|text| fold(text).contains(typed)))
}

fn keep(tx: &mut Tx<'_>, opportunity: &mut Opportunity) -> Answer<()> {
    opportunity.updated_at = tx.now().max(opportunity.updated_at);
    let was = tx.get::<Opportunity>(opportunity.id)?.map(|before| before.responsible);
    tx.put(opportunity)?;
    tx.announce(&Event::OpportunityChanged { opportunity: opportunity.id, was })?;
    Ok(())
}

fn note(tx: &mut Tx<'_>, staff: &Staff, id: OpportunityId, body: Body) -> Answer<()> {
    let contact = by_id(tx, id)?.contact;
    entry::add_to_opportunity(tx, staff, id, contact, body)
}

fn checked(look: &impl Look, draft: &Draft) -> Answer<Draft> {
    let mut check = Check::default();
    let title = check.needed("titulo", &draft.title, TITLE_CHARS_MAX);
    let seeking = check.text("procura", &draft.seeking, TEXT_CHARS_MAX);
    let property = check.text("imovel", &draft.property, TEXT_CHARS_MAX);
    if look.get::<contact::Contact>(draft.contact)?.is_none() {
        check.wrong("contato", Why::NotAChoice);
    }
    if !user::by_id(look, draft.responsible)?.is_some_and(|user| user.is_active()) {
        check.wrong("responsavel", Why::NotAChoice);
    }
    check.done()?;
    Ok(Draft { title, seeking, property, ..draft.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e4_the_percentage_grows_with_the_stage_and_is_whole_when_won() {
        let mut one = Opportunity {
            id: OpportunityId(1),
            reference: "VEN-1".into(),
            kind: Kind::Sale,
            title: String::new(),
            seeking: String::new(),
            property: String::new(),
            amount: None,
            contact: ContactId(1),
            responsible: UserId(1),
            stage: 0,
            high_priority: false,
            outcome: Outcome::Open,
            created_at: 0,
            updated_at: 0,
        };
        let all: Vec<usize> = (0..STAGES)
            .map(|stage| {
                one.stage = stage;
                one.percent()
            })
            .collect();
        assert!(all.is_sorted() && all[0] > 0 && all[STAGES - 1] == 100, "{all:?}");
        (one.stage, one.outcome) = (1, Outcome::Won);
        assert_eq!(one.percent(), 100);
    }
}
