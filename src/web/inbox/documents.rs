//! E7: the documents of a conversation, newest first, for whoever looks: beside it, and all of them on a page.

use crate::domain::attachment::{self, Attachment};
use crate::domain::conversation::{self, Conversation};
use crate::domain::ids::*;
use crate::domain::{Answer, Outsider, Refusal, Staff, Viewer};
use crate::store::Look;
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::paths;
use crate::web::scene::{Scene, Side};
use crate::web::thread;
use crate::web::ui::bits;
use crate::web::ui::bubble;
use crate::web::ui::icon::icon;
use crate::web::ui::layout::{self, Place};
use maud::{Markup, html};

/// Messages with files of a page.
const PAGE: usize = 30;

/// A page of them.
#[derive(Default)]
pub struct Documents {
    /// Each with who sent it and when.
    pub files: Vec<(Attachment, Markup)>,
    /// Where there are more, if there are.
    pub more: Option<String>,
}

impl Documents {
    /// Those this viewer may see, sent before the given number of theirs.
    pub fn of(look: &impl Look, scene: &Scene, c: &Conversation, before: Option<u64>) -> Answer<Self> {
        let (viewer, home) = match &scene.side {
            Side::Portal(outsider) => {
                (Viewer::Outsider(outsider.clone()), paths::of_portal_conversation(&c.token, "documentos"))
            }
            Side::Staff(staff) => (Viewer::Staff(staff.clone()), paths::of_conversation(c.id, "documentos")),
            Side::Nobody => return Err(Refusal::NotFound.into()),
        };
        let (entries, older) = thread::with_files(look, &viewer, c, before, PAGE)?;
        let mut files = Vec::new();
        for one in entries {
            let who = thread::author_name(look, scene, one.author, one.contact)?;
            let facts = html! { (layout::first_name(&who)) " · " (bits::said(&scene.clock.moment_said(one.at))) };
            for id in one.body.files() {
                files.push((attachment::by_id(look, *id)?, facts.clone()));
            }
        }
        Ok(Self { files, more: older.map(|older| format!("{home}?antes={older}")) })
    }

    /// Their cards, and the way to more of them.
    pub fn cards(&self, scene: &Scene) -> Markup {
        html! {
            @for (file, facts) in &self.files { (bubble::card(scene, file, facts)) }
            @if let Some(more) = &self.more { a.more href=(more) { (scene.w.show_more()) } }
        }
    }

    /// The same, or a line that says that there are none.
    pub fn cards_or_none(&self, scene: &Scene) -> Markup {
        if self.files.is_empty() {
            html! { p.hint { (scene.w.no_documents()) } }
        } else {
            self.cards(scene)
        }
    }

    fn page(&self, scene: &Scene) -> Markup {
        html! {
            @if self.files.is_empty() { (bits::empty("file", scene.w.no_documents(), None)) }
            @else { div.documents-all { (self.cards(scene)) } }
        }
    }
}

/// All of a conversation's documents.
pub async fn show(ask: Ask<Staff>) -> Reply {
    let id: ConversationId = ask.id()?;
    let (look, scene) = (ask.desk.look()?, ask.scene());
    let c = conversation::visible_to_staff(&look, &ask.who, id)?;
    let documents = Documents::of(&look, &scene, &c, ask.query.number("antes"))?;
    let head = html! {
        a.button href=(paths::conversation(id)) { (icon("chat")) (super::contact_name(&look, &c)?) }
    };
    let unread = super::unread(&look, &ask.who)?;
    let (title, body) = (scene.w.documents(), documents.page(&scene));
    Ok(answer::html(layout::office_column(&scene, Place::Conversations, unread, None, head, title, body)))
}

/// The same outside: only what that side sees.
pub async fn show_outside(ask: Ask<Outsider>) -> Reply {
    let (look, scene) = (ask.desk.look()?, ask.scene());
    let c = conversation::visible_by_token(&look, &ask.who, ask.param("token"))?;
    let documents = Documents::of(&look, &scene, &c, ask.query.number("antes"))?;
    let title = scene.w.documents();
    let body = html! {
        main.portal #principal tabindex="-1" {
            header.head {
                a.icon.back.always href=(paths::portal_conversation(&c.token)) data-back="" aria-label=(scene.w.back()) { (icon("back")) }
                div.grow { h1 { (title) } p { (scene.agency) } }
            }
            (documents.page(&scene))
        }
    };
    Ok(answer::html(layout::portal(&scene, title, None, body)))
}
