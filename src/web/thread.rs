//! One conversation as its viewer may see it: entries become bubbles, by the same rules for the page, for the answer to
//! a message and for the live stream.

use super::paths;
use super::scene::Scene;
use super::ui::bubble::{self, Bubble, Mark, Shape};
use crate::domain::conversation::{self, Conversation};
use crate::domain::entry::{self, Author, Body, Entry};
use crate::domain::ids::*;
use crate::domain::reason::Reason;
use crate::domain::{Answer, Viewer, attachment, contact, delivery, external_access, user};
use crate::store::Look;
use maud::Markup;
use serde_json::{Value, json};

/// Entries of a page.
pub const PAGE: usize = 60;
/// Entries shown before one that was looked for.
const BEFORE: usize = 20;
/// With at most so many behind it, everything up to the newest is shown.
const BEHIND_MAX: usize = 300;
/// Where the live stream puts entries.
pub const STREAM: &str = "fluxo";
/// Messages whose marks are drawn anew when somebody has read.
const MARKED: usize = 30;

/// A stretch of a conversation.
pub struct Stretch {
    /// In the order of the timeline.
    pub bubbles: Vec<Bubble>,
    /// The number before which there is more, for this viewer's addresses.
    pub older: Option<u64>,
    /// The last number of the stretch, where it does not reach the newest entry.
    pub until: Option<u64>,
}

/// The newest entries this viewer sees, with a number below `before`, in the order of the timeline. Numbers are the
/// viewer's own: for the outside, places among what it sees.
fn newest(look: &impl Look, viewer: &Viewer, c: &Conversation, before: Option<u64>, most: usize) -> Answer<Vec<Entry>> {
    match viewer {
        Viewer::Staff(_) => entry::of_conversation(look, c.id, before.map(EntryId), most),
        Viewer::Outsider(_) => entry::seen_outside(look, c.id, before, most),
    }
}

/// The entries this viewer sees from number `from` on, in the order of the timeline.
fn from_on(look: &impl Look, viewer: &Viewer, c: &Conversation, from: u64, most: usize) -> Answer<Vec<Entry>> {
    match viewer {
        Viewer::Staff(_) => entry::of_conversation_from(look, c.id, EntryId(from), most),
        Viewer::Outsider(_) => entry::seen_outside_from(look, c.id, from, most),
    }
}

/// The number of an entry for this viewer.
fn number(viewer: &Viewer, one: &Entry) -> u64 {
    match viewer {
        Viewer::Staff(_) => one.id.0,
        Viewer::Outsider(_) => one.outside.unwrap_or(0),
    }
}

/// The newest entries before `before` (all, if nothing is given), in this viewer's numbers.
pub fn stretch(
    look: &impl Look,
    scene: &Scene,
    viewer: &Viewer,
    c: &Conversation,
    before: Option<u64>,
) -> Answer<Stretch> {
    let entries = newest(look, viewer, c, before, PAGE + 1)?;
    drawn(look, scene, viewer, c, (entries, PAGE, None))
}

/// The newest entries, or those around a number.
pub fn at(look: &impl Look, scene: &Scene, viewer: &Viewer, c: &Conversation, at: Option<u64>) -> Answer<Stretch> {
    match at {
        Some(at) => around(look, scene, viewer, c, at),
        None => stretch(look, scene, viewer, c, None),
    }
}

/// The entries around number `at`: from some before it up to the newest, where those are not too many to draw.
fn around(look: &impl Look, scene: &Scene, viewer: &Viewer, c: &Conversation, at: u64) -> Answer<Stretch> {
    let mut entries = newest(look, viewer, c, Some(at), BEFORE + 1)?;
    let before = entries.len();
    let mut behind = from_on(look, viewer, c, at, BEHIND_MAX + 1)?;
    let mut until = None;
    if behind.len() > BEHIND_MAX {
        behind.truncate(PAGE);
        until = behind.last().map(|last| number(viewer, last));
    }
    let most = before.min(BEFORE) + behind.len();
    entries.append(&mut behind);
    drawn(look, scene, viewer, c, (entries, most, until))
}

/// Entries as bubbles, at most `most`: one more at the beginning only says that there are older ones.
fn drawn(
    look: &impl Look,
    scene: &Scene,
    viewer: &Viewer,
    c: &Conversation,
    (mut entries, most, until): (Vec<Entry>, usize, Option<u64>),
) -> Answer<Stretch> {
    let mut last = if entries.len() > most { Some(entries.remove(0)) } else { None };
    let older = last.as_ref().and_then(|_| entries.first()).map(|first| number(viewer, first));
    let mut bubbles = Vec::with_capacity(entries.len());
    for one in entries {
        bubbles.push(bubble(look, scene, viewer, c, &one, last.as_ref())?);
        last = Some(one);
    }
    Ok(Stretch { bubbles, older, until })
}

/// What an open screen is told of a new or changed entry.
pub fn entry_ops(look: &impl Look, scene: &Scene, viewer: &Viewer, c: &Conversation, one: Entry) -> Answer<Vec<Value>> {
    if one.conversation != Some(c.id) || !shown(viewer, &one) {
        return Ok(Vec::new());
    }
    Ok(put(scene, &with_neighbour(look, scene, viewer, c, &one)?))
}

/// What an open screen is told when somebody has read: the marks of the last messages.
pub fn read_ops(look: &impl Look, scene: &Scene, viewer: &Viewer, c: &Conversation) -> Answer<Vec<Value>> {
    let mut ops = Vec::new();
    let mut last: Option<Entry> = None;
    for one in newest(look, viewer, c, None, MARKED + 1)? {
        // The first is there only to know whether the second begins a group.
        if let Some(before) = &last {
            let drawn = bubble(look, scene, viewer, c, &one, Some(before))?;
            if drawn.mark == Some(Mark::Read) {
                ops.extend(put(scene, &drawn));
            }
        }
        last = Some(one);
    }
    Ok(ops)
}

/// The markup of one entry, for the answer to whoever said it.
pub fn said(look: &impl Look, scene: &Scene, viewer: &Viewer, one: &Entry) -> Answer<Markup> {
    let c = conversation::visible(look, viewer, one.conversation.unwrap_or(ConversationId(0)))?;
    Ok(bubble::alone(scene, &with_neighbour(look, scene, viewer, &c, one)?))
}

fn with_neighbour(look: &impl Look, scene: &Scene, viewer: &Viewer, c: &Conversation, one: &Entry) -> Answer<Bubble> {
    let before = newest(look, viewer, c, Some(number(viewer, one)), 1)?;
    bubble(look, scene, viewer, c, one, before.first())
}

fn put(scene: &Scene, drawn: &Bubble) -> Vec<Value> {
    let mut ops = Vec::new();
    if let Some((day, key)) = &drawn.day {
        let html = bubble::day_line(drawn, day, key).into_string();
        ops.push(json!({ "op": "put", "id": bubble::day_dom(key), "into": STREAM, "html": html }));
    }
    let html = bubble::alone(scene, drawn).into_string();
    ops.push(json!({ "op": "put", "id": drawn.dom, "into": STREAM, "html": html }));
    ops
}

/// The newest entries this viewer sees that hold files, with a number below `before`, newest first; and the number before
/// which there are more. Numbers are the viewer's own.
pub fn with_files(
    look: &impl Look,
    viewer: &Viewer,
    c: &Conversation,
    before: Option<u64>,
    most: usize,
) -> Answer<(Vec<Entry>, Option<u64>)> {
    let outside = matches!(viewer, Viewer::Outsider(_));
    let mut found = entry::with_files(look, c.id, outside, before, most + 1)?;
    let more = found.len() > most;
    found.reverse();
    found.truncate(most);
    let older = found.last().filter(|_| more).map(|last| number(viewer, last));
    Ok((found, older))
}

/// Whether this side sees the entry at all.
fn shown(viewer: &Viewer, one: &Entry) -> bool {
    matches!(viewer, Viewer::Staff(_)) || one.outside.is_some()
}

fn bubble(
    look: &impl Look,
    scene: &Scene,
    viewer: &Viewer,
    c: &Conversation,
    one: &Entry,
    before: Option<&Entry>,
) -> Answer<Bubble> {
    let k = number(viewer, one);
    let key = scene.clock.date_key(one.at);
    let new_day = before.is_none_or(|before| scene.clock.date_key(before.at) != key);
    let said = matches!(one.body, Body::Message { .. } | Body::Note { .. });
    let same_voice = before.is_some_and(|before| {
        before.author == one.author && std::mem::discriminant(&before.body) == std::mem::discriminant(&one.body)
    });
    let shape = shape(viewer, one);
    let own = matches!((viewer, one.author), (Viewer::Staff(staff), Author::User(id)) if staff.id == id);
    let who = match shape {
        Shape::Mine if own || matches!(viewer, Viewer::Outsider(_)) => String::new(),
        _ => author_name(look, scene, one.author, one.contact)?,
    };
    let mut files = Vec::new();
    for id in one.body.files() {
        files.push(attachment::by_id(look, *id)?);
    }
    let text = match &one.body {
        Body::Message { text, .. } | Body::Note { text, .. } => text.clone(),
        _ => happened(look, scene, viewer, one)?,
    };
    Ok(Bubble {
        dom: format!("e-{k}"),
        k,
        shape,
        who,
        first: new_day || !same_voice,
        day: new_day.then(|| (scene.clock.day_said(one.at), key)),
        text,
        files,
        time: scene.clock.time(one.at),
        machine: scene.clock.machine(one.at),
        mark: (said && shape == Shape::Mine && c.channel == conversation::PORTAL).then(|| mark(viewer, c, one)),
        mail: mail(look, one)?,
        token: one.token.clone(),
    })
}

fn shape(viewer: &Viewer, one: &Entry) -> Shape {
    match (&one.body, viewer, one.author) {
        (Body::Note { .. }, _, _) => Shape::Note,
        (Body::Message { .. }, Viewer::Staff(_), Author::User(_) | Author::System) => Shape::Mine,
        (Body::Message { .. }, Viewer::Outsider(_), Author::Outsider(_)) => Shape::Mine,
        (Body::Message { .. }, _, _) => Shape::Theirs,
        _ => Shape::Event,
    }
}

fn mark(viewer: &Viewer, c: &Conversation, one: &Entry) -> Mark {
    let read = match viewer {
        Viewer::Staff(_) => c.read_outside,
        Viewer::Outsider(_) => c.seen_inside,
    };
    if one.outside.is_some_and(|place| place <= read) { Mark::Read } else { Mark::Sent }
}

fn mail(look: &impl Look, one: &Entry) -> Answer<Option<(delivery::State, String)>> {
    let Body::Mail { delivery, .. } = &one.body else { return Ok(None) };
    Ok(delivery::by_id(look, *delivery)?.map(|delivery| (delivery.state, delivery.words)))
}

/// Who did it, by name.
pub fn author_name(look: &impl Look, scene: &Scene, author: Author, contact: ContactId) -> Answer<String> {
    match author {
        Author::User(id) => user_name(look, id),
        Author::Outsider(id) => {
            let access = external_access::by_id(look, id)?;
            let with = conversation::by_id(look, access.conversation)?.contact;
            Ok(contact::by_id(look, if with == contact { contact } else { with })?.name)
        }
        Author::System => Ok(scene.agency.clone()),
    }
}

/// A member of staff's name.
pub fn user_name(look: &impl Look, id: UserId) -> Answer<String> {
    Ok(user::by_id(look, id)?.map_or(String::new(), |user| user.name))
}

/// A reason's name.
pub fn reason_name(look: &impl Look, id: ReasonId) -> Answer<String> {
    Ok(look.get::<Reason>(id)?.map_or(String::new(), |reason| reason.name))
}

/// What happened, in a sentence.
pub fn happened(look: &impl Look, scene: &Scene, viewer: &Viewer, one: &Entry) -> Answer<String> {
    let w = scene.w;
    let who = author_name(look, scene, one.author, one.contact)?;
    let inside = matches!(viewer, Viewer::Staff(_));
    Ok(match &one.body {
        Body::Message { text, .. } | Body::Note { text, .. } => text.clone(),
        Body::Begun => w.ev_begun(&who),
        Body::Taken => w.ev_taken(&who),
        Body::Transferred { from, to } => {
            let to = user_name(look, *to)?;
            match from {
                Some(from) if one.author == Author::User(*from) => w.ev_given(&who, &to),
                Some(from) => w.ev_transferred(&who, &user_name(look, *from)?, &to),
                None => w.ev_given(&who, &to),
            }
        }
        Body::Queued { .. } => w.ev_queued(&who),
        Body::Closed { reason } if inside => w.ev_closed(&who, &reason_name(look, *reason)?),
        Body::Closed { .. } => w.ev_closed_outside().into(),
        Body::Reopened if inside => w.ev_reopened(&who),
        Body::Reopened => w.ev_reopened_outside().into(),
        Body::ReasonSet { reason } => w.ev_reason(&who, &reason_name(look, *reason)?),
        Body::AccessMade { email } => w.ev_access_made(&who, email),
        Body::AccessUsed { email } => w.ev_access_used(email),
        Body::AccessEdited { from, to } => w.ev_access_edited(&who, from, to),
        Body::AccessRenewed { email } => w.ev_access_renewed(&who, email),
        Body::AccessRevoked { email } => w.ev_access_revoked(&who, email),
        Body::Mail { delivery, to } => match delivery::by_id(look, *delivery)?.map(|letter| letter.about) {
            Some(delivery::About::Link) => w.ev_link_asked(to),
            _ => w.ev_mail(to),
        },
        Body::OpportunityMade => w.ev_opportunity_made(&who),
        Body::OpportunityGiven { from, to } => w.ev_transferred(&who, &user_name(look, *from)?, &user_name(look, *to)?),
        Body::StageSet { stage } => w.ev_stage(&who, w.stage(*stage)),
        Body::OutcomeSet { outcome } => w.ev_outcome(&who, w.outcome(*outcome)),
    })
}

/// The last message in one line, for lists.
pub fn preview(look: &impl Look, scene: &Scene, viewer: &Viewer, c: &Conversation) -> Answer<String> {
    let w = scene.w;
    let Some(one) = c.last_message.map(|id| entry::by_id(look, id)).transpose()?.flatten() else {
        return Ok(w.no_messages().into());
    };
    let (Body::Message { text, files } | Body::Note { text, files }) = &one.body else { return Ok(String::new()) };
    let said = if text.is_empty() {
        let kind = files.first().map(|id| attachment::by_id(look, *id)).transpose()?.map(|file| file.kind);
        w.sent_a(kind.as_deref().unwrap_or_default()).to_owned()
    } else {
        text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().chars().take(140).collect()
    };
    let ours = match viewer {
        Viewer::Staff(staff) => matches!(one.author, Author::User(id) if id == staff.id),
        Viewer::Outsider(_) => matches!(one.author, Author::Outsider(_)),
    };
    Ok(if ours { w.you_said(&said) } else { said })
}

/// The address of a conversation's messages for this viewer.
pub fn messages_path(viewer: &Viewer, c: &Conversation) -> String {
    match viewer {
        Viewer::Staff(_) => paths::of_conversation(c.id, "mensagens"),
        Viewer::Outsider(_) => paths::of_portal_conversation(&c.token, "mensagens"),
    }
}
