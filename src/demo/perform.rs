//! The year's plan, told to the domain in the order of time.

use super::Opened;
use super::cast::{self, Cast};
use super::plan::{Act, Chat, Deed};
use super::stock::Stock;
use crate::domain::conversation::{self, COUNTER, Draft, New};
use crate::domain::external_access::{self, NewAccess};
use crate::domain::ids::*;
use crate::domain::opportunity::{self, Kind, Outcome};
use crate::domain::password::Hashed;
use crate::domain::values::Language;
use crate::domain::{Outsider, Staff, Viewer, attachment, contact};
use crate::store::{Store, Tx};
use anyhow::{Context as _, anyhow};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// Deeds of one write: a commit costs milliseconds, an overlay of a few thousand rows costs little.
const DEEDS_AT_ONCE: usize = 400;

/// What was made so far, by places in the cast and in the plan.
pub(super) struct House {
    cast: Cast,
    zone: TimeZone,
    chats: Vec<Chat>,
    opened: Opened,
    stock: Stock,
    password: Hashed,
    contacts: HashMap<usize, ContactId>,
    deals: HashMap<usize, OpportunityId>,
    begun: HashMap<usize, Begun>,
}

#[derive(Clone, Copy)]
struct Begun {
    id: ConversationId,
    access: Option<AccessId>,
}

/// Lets everything happen, a batch at a time.
pub(super) fn all(store: &Store, mut house: House, mut moments: Vec<(DateTime, Deed)>) -> anyhow::Result<()> {
    while !moments.is_empty() {
        let rest = moments.split_off(moments.len().min(DEEDS_AT_ONCE));
        let now = std::mem::replace(&mut moments, rest);
        house = store.write_now(move |tx| {
            for (at, deed) in &now {
                tx.set_now(at.to_zoned(house.zone.clone())?.timestamp().as_millisecond());
                house.deed(tx, deed).with_context(|| format!("{at}: {deed:?}"))?;
            }
            Ok::<_, anyhow::Error>(house)
        })?;
    }
    Ok(())
}

impl House {
    /// The house on its first morning; `password` is what everybody outside is let in by.
    pub fn new(zone: TimeZone, chats: Vec<Chat>, opened: Opened, stock: Stock, password: Hashed) -> Self {
        let (contacts, deals, begun) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { cast: cast::cast(), zone, chats, opened, stock, password, contacts, deals, begun }
    }

    fn deed(&mut self, tx: &mut Tx<'_>, deed: &Deed) -> anyhow::Result<()> {
        match *deed {
            Deed::Contact(index) => self.meet(tx, index),
            Deed::Deal(index) => self.begin_deal(tx, index),
            Deed::Stage(deal, stage) => {
                Ok(opportunity::set_stage(tx, self.broker(deal), known(&self.deals, deal)?, stage)?)
            }
            Deed::Outcome(deal, won) => {
                let outcome = if won { Outcome::Won } else { Outcome::Lost };
                Ok(opportunity::set_outcome(tx, self.broker(deal), known(&self.deals, deal)?, outcome)?)
            }
            Deed::In(chat, ref act) => self.act(tx, chat, act),
        }
    }

    fn broker(&self, deal: usize) -> &Staff {
        &self.opened.staff[self.cast.opportunities[deal].broker]
    }

    /// The receptionist, the last of the staff, writes everybody down.
    fn meet(&mut self, tx: &mut Tx<'_>, index: usize) -> anyhow::Result<()> {
        let one = &self.cast.contacts[index];
        let (emails, phones) = (one.emails.join("\n"), one.phones.join("\n"));
        let draft = contact::Draft { name: one.name.into(), emails, phones, note: one.note.into() };
        let by = self.opened.staff.last().ok_or_else(|| anyhow!("nobody works here"))?;
        self.contacts.insert(index, contact::add(tx, by, &draft)?);
        Ok(())
    }

    fn begin_deal(&mut self, tx: &mut Tx<'_>, index: usize) -> anyhow::Result<()> {
        let one = &self.cast.opportunities[index];
        let by = self.broker(index);
        let draft = opportunity::Draft {
            kind: match one.kind {
                "sale" => Kind::Sale,
                "letting" => Kind::Letting,
                _ => Kind::Season,
            },
            title: one.title.into(),
            seeking: one.seeking.into(),
            property: one.property.into(),
            amount: Some(one.amount_cents),
            contact: known(&self.contacts, one.contact)?,
            responsible: by.id,
        };
        let id = opportunity::add(tx, by, &draft)?;
        opportunity::set_priority(tx, by, id, one.priority == "high")?;
        self.deals.insert(index, id);
        Ok(())
    }

    fn act(&mut self, tx: &mut Tx<'_>, chat: usize, act: &Act) -> anyhow::Result<()> {
        match *act {
            Act::Invite { by, ref text, file } => return self.invite(tx, chat, by, (text, file)),
            Act::Begin { by, queued, on_deal } => return self.begin(tx, chat, by, (queued, on_deal)),
            _ => {}
        }
        let Begun { id, access } = known(&self.begun, chat)?;
        let staff = &self.opened.staff;
        match *act {
            Act::Invite { .. } | Act::Begin { .. } => {}
            Act::Enter => {
                let access = external_access::by_id(tx, access.ok_or_else(|| anyhow!("nobody was let in"))?)?;
                external_access::logged_in(tx, &[access])?;
            }
            Act::Say { ref text, file } => self.say(tx, &self.outsider(chat), id, (text, file, false))?,
            Act::Write { by, note, ref text, file } => {
                self.say(tx, &Viewer::Staff(staff[by].clone()), id, (text, file, note))?;
            }
            Act::Take { by } => conversation::take(tx, &staff[by], id)?,
            Act::Transfer { by, to } => conversation::transfer(tx, &staff[by], id, staff[to].id)?,
            Act::Close { by } => {
                let reason = self.opened.reasons.get(self.chats[chat].reason).copied();
                conversation::close(tx, &staff[by], id, reason)?;
            }
            Act::Read { by } => conversation::mark_read(tx, &Viewer::Staff(staff[by].clone()), id, u64::MAX)?,
            Act::ReadOutside => conversation::mark_read(tx, &self.outsider(chat), id, u64::MAX)?,
        }
        Ok(())
    }

    fn invite(&mut self, tx: &mut Tx<'_>, chat: usize, by: usize, said: (&str, Option<&str>)) -> anyhow::Result<()> {
        let staff = &self.opened.staff[by];
        let Chat { contact, deal, .. } = self.chats[chat];
        let new = NewAccess {
            email: self.cast.contacts[contact].emails[0].to_owned(),
            name: self.cast.contacts[contact].name.to_owned(),
            password: self.password.clone(),
            first: self.draft(tx, &Viewer::Staff(staff.clone()), (said.0, said.1, false))?,
            mail: false,
        };
        let access = external_access::create(tx, staff, known(&self.deals, deal)?, &new)?;
        self.begun.insert(chat, Begun { id: access.conversation, access: Some(access.id) });
        Ok(())
    }

    fn begin(&mut self, tx: &mut Tx<'_>, chat: usize, by: usize, how: (bool, bool)) -> anyhow::Result<()> {
        let (queued, on_deal) = how;
        let staff = &self.opened.staff[by];
        let about = &self.chats[chat];
        let new = New {
            contact: known(&self.contacts, about.contact)?,
            opportunity: if on_deal { Some(known(&self.deals, about.deal)?) } else { None },
            channel: COUNTER,
            department: self.opened.departments.get(about.department).copied(),
            responsible: (!queued).then_some(staff.id),
        };
        let id = conversation::begin(tx, staff, &new)?;
        self.begun.insert(chat, Begun { id, access: None });
        Ok(())
    }

    fn say(
        &self,
        tx: &mut Tx<'_>,
        viewer: &Viewer,
        id: ConversationId,
        said: (&str, Option<&str>, bool),
    ) -> anyhow::Result<()> {
        let draft = self.draft(tx, viewer, said)?;
        conversation::say(tx, viewer, id, &draft)?;
        Ok(())
    }

    /// Words with their files, uploaded just now by who says them.
    fn draft(
        &self,
        tx: &mut Tx<'_>,
        viewer: &Viewer,
        (text, file, internal): (&str, Option<&str>, bool),
    ) -> anyhow::Result<Draft> {
        let mut files = Vec::new();
        if let Some(name) = file {
            let kept = self.stock.get(name).ok_or_else(|| anyhow!("no file is called {name}"))?;
            for one in kept {
                files.push(attachment::add(tx, viewer, one)?.token);
            }
        }
        Ok(Draft { text: text.to_owned(), files, internal, token: None, mail: false })
    }

    fn outsider(&self, chat: usize) -> Viewer {
        let email = self.cast.contacts[self.chats[chat].contact].emails[0].to_owned();
        Viewer::Outsider(Outsider {
            email,
            language: Language::PtBr,
            session: SessionId(0),
            from: String::new(),
            opened_by: None,
        })
    }
}

/// What the plan speaks of must have been made before.
fn known<T: Copy>(made: &HashMap<usize, T>, place: usize) -> anyhow::Result<T> {
    made.get(&place).copied().ok_or_else(|| anyhow!("number {place} is not there yet"))
}
