//! The inbox, drawn.

use super::side::{self, Side};
use super::{Shown, tab_key};
use crate::domain::conversation::{PORTAL, State};
use crate::domain::ids::*;
use crate::web::find::within::{self, Within};
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::thread::Stretch;
use crate::web::ui::bits::{self, avatar, count};
use crate::web::ui::bubble;
use crate::web::ui::composer::{self, Composer};
use crate::web::ui::icon::icon;
use crate::web::ui::stream;
use maud::{Markup, html};

/// The list with its tabs.
pub struct List {
    /// Which tab, narrowed to what.
    pub shown: Shown,
    /// What is in it.
    pub rows: Vec<Row>,
    /// Where the next page begins.
    pub more: Option<String>,
    /// The conversation that stands beside it.
    pub open_one: Option<ConversationId>,
    /// How many wait.
    pub queued: usize,
    /// How many are open.
    pub open: usize,
    /// Who may be filtered by.
    pub users: Vec<(UserId, String)>,
    /// Which departments may be filtered by.
    pub departments: Vec<(DepartmentId, String)>,
    /// To whom the conversation went that was open before, in words.
    pub handed: Option<String>,
}

/// One row.
pub struct Row {
    /// Which.
    pub id: ConversationId,
    /// Its place.
    pub last_at: i64,
    /// With whom.
    pub name: String,
    /// The last message in one line.
    pub preview: String,
    /// How many unread.
    pub unread: usize,
    /// Whether it is in the queue.
    pub waiting: bool,
    /// Whose, if not the viewer's.
    pub responsible: Option<String>,
    /// On which opportunity.
    pub reference: Option<String>,
    /// Where it opens.
    pub href: String,
    /// Whether it is the open one.
    pub open: bool,
}

/// The head of a conversation.
pub struct Header {
    /// Which.
    pub id: ConversationId,
    /// How it stands.
    pub state: State,
    /// With whom.
    pub name: String,
    /// By which channel.
    pub channel: String,
    /// On which opportunity.
    pub deal: Option<(OpportunityId, String, String)>,
    /// Whether it is the viewer's.
    pub mine: bool,
    /// Whose it is.
    pub holder: Option<String>,
    /// Whether there is somebody to send an e-mail to.
    pub mail: bool,
    /// Whether the contact reads what is written here.
    pub read: bool,
}

/// The three panes.
pub fn page(scene: &Scene, list: &List, middle: Markup, open: bool) -> Markup {
    html! {
        main.desk #principal tabindex="-1" data-open=(if open { "thread" } else { "list" }) {
            aside.list aria-label=(scene.w.conversations()) { (list_pane(scene, list)) }
            (middle)
        }
    }
}

fn list_pane(scene: &Scene, list: &List) -> Markup {
    let w = scene.w;
    html! {
        header.head.flat {
            h1.grow { (w.conversations()) }
            a.icon href=(paths::CONVERSATION_NEW) data-dialog="" aria-label=(w.new_conversation()) title=(w.new_conversation()) { (icon("plus")) }
        }
        @if let Some(handed) = &list.handed { p.saved.list-said role="status" { (handed) } }
        form.filters method="get" action=(paths::CONVERSATIONS) role="search" {
            input type="hidden" name="aba" value=(tab_key(list.shown.tab));
            @if let Some(open) = list.open_one { input type="hidden" name="conversa" value=(open); }
            div.search {
                (icon("search"))
                input type="search" name="nome" value=(list.shown.filter.name) placeholder=(w.type_contact_name()) aria-label=(w.type_contact_name()) data-filter="#lista" data-search="" autocomplete="off";
            }
            details.filter-more open[has_filter(list)] {
                summary { (w.filter()) (icon("down")) }
                (select(scene, "atendente", w.attendant(), list.shown.filter.responsible.map(u64::from), list.users.iter().map(|(id, name)| (id.0, name))))
                (select(scene, "setor", w.department(), list.shown.filter.department.map(u64::from), list.departments.iter().map(|(id, name)| (id.0, name))))
                (channel_select(scene, list.shown.filter.channel.as_deref()))
            }
            noscript { button.button type="submit" { (w.search()) } }
        }
        (tabs(scene, &list.shown, list.queued, list.open))
        div.scroll {
            div #lista data-order="desc" data-rows="" { (rows(scene, list)) }
            div data-empty-for="lista" hidden[!list.rows.is_empty()] { (bits::empty("chat", empty_words(scene, list), None)) }
        }
    }
}

fn has_filter(list: &List) -> bool {
    let filter = &list.shown.filter;
    filter.responsible.is_some() || filter.department.is_some() || filter.channel.is_some()
}

fn empty_words<'s>(scene: &'s Scene, list: &List) -> &'s str {
    if !list.shown.filter.is_empty() {
        return scene.w.nothing_found();
    }
    match list.shown.tab {
        State::Bot | State::Queued => scene.w.queue_empty(),
        State::Open => scene.w.open_empty(),
        State::Closed => scene.w.closed_empty(),
    }
}

fn select<'n>(
    scene: &Scene,
    name: &str,
    label: &str,
    chosen: Option<u64>,
    choices: impl Iterator<Item = (u64, &'n String)>,
) -> Markup {
    html! {
        select name=(name) aria-label=(label) data-filter="#lista" {
            option value="" { (label) ": " (scene.w.all()) }
            @for (id, text) in choices { option value=(id) selected[chosen == Some(id)] { (text) } }
        }
    }
}

fn channel_select(scene: &Scene, chosen: Option<&str>) -> Markup {
    let w = scene.w;
    html! {
        select name="canal" aria-label=(w.channel()) data-filter="#lista" {
            option value="" { (w.channel()) ": " (w.all()) }
            @for key in [PORTAL, crate::domain::conversation::COUNTER] { option value=(key) selected[chosen == Some(key)] { (w.channel_name(key)) } }
        }
    }
}

/// Fila, Abertos, Fechados with their counts (Q1).
pub fn tabs(scene: &Scene, shown: &Shown, queued: usize, open: usize) -> Markup {
    let w = scene.w;
    let tab = |state: State, label: &str, number: Option<Markup>| {
        let target = Shown { tab: state, filter: shown.filter.clone() };
        html! {
            a href={ (paths::CONVERSATIONS) "?" (target.query()) } aria-current=[(shown.tab == state).then_some("true")] { (label) " " @if let Some(number) = number { (number) } }
        }
    };
    html! {
        nav.tabs #abas aria-label=(w.situation()) {
            (tab(State::Queued, w.queue(), Some(count(queued, false))))
            (tab(State::Open, w.open_ones(), Some(count(open, true))))
            (tab(State::Closed, w.closed_ones(), None))
        }
    }
}

/// The rows, and the way to more of them.
pub fn rows(scene: &Scene, list: &List) -> Markup {
    html! {
        @for one in &list.rows { (row(scene, one)) }
        @if let Some(before) = &list.more {
            a.more data-k="-1" href={ (paths::CONVERSATIONS) "?" (list.shown.query()) "&antes=" (before) } { (scene.w.show_more()) }
        }
    }
}

/// A row's name in the page.
pub fn row_dom(id: ConversationId) -> String {
    format!("conversa-{id}")
}

/// One row.
pub fn row(scene: &Scene, r: &Row) -> Markup {
    html! {
        a.row.unread[r.unread > 0] id=(row_dom(r.id)) data-k=(r.last_at) href=(r.href) aria-current=[r.open.then_some("true")] {
            (avatar(&r.name))
            span.row-top { b { (r.name) } @if let Some(reference) = &r.reference { span.ref { (reference) } } }
            time.wait[r.waiting] datetime=(scene.clock.machine(r.last_at)) { (scene.clock.short(r.last_at)) }
            p { @if let Some(responsible) = &r.responsible { span.whose { (scene.w.with_holder(crate::web::ui::layout::first_name(responsible))) " · " } } (r.preview) }
            @if r.unread > 0 { span.count { (r.unread) span.unseen { " " (scene.w.unread()) } } }
        }
    }
}

/// The middle while nothing is open: the way to the list, or, beside an empty one, to a new conversation.
pub fn nothing_open(scene: &Scene, list: &List) -> Markup {
    let w = scene.w;
    let new =
        html! { a.button href=(paths::CONVERSATION_NEW) data-dialog="" { (icon("plus")) (w.new_conversation()) } };
    html! {
        section.thread.nothing {
            div data-empty-for="lista" hidden[!list.rows.is_empty()] { (bits::empty("chat", w.nothing_to_choose(), Some(new))) }
            (bits::empty("chat", w.choose_conversation(), None))
        }
    }
}

/// Middle and side of an open conversation.
pub fn thread(scene: &Scene, head: &Header, stretch: &Stretch, beside: &Side, within: Option<&Within>) -> Markup {
    let home = paths::conversation(head.id);
    html! {
        section.thread data-drop="" {
            div #cabeca { (header(scene, head)) }
            @if let Some(within) = within { (within.bar(scene)) }
            (stream::stream(scene, stretch, &paths::of_conversation(head.id, "entradas"), &home))
            @if stretch.until.is_some() { (within::foot(scene, &home)) } @else { div #pe { (foot(scene, head)) } }
        }
        aside.side #lado aria-label=(scene.w.details()) { (side::side(scene, beside)) }
    }
}

/// The head of the open conversation.
pub fn header(scene: &Scene, h: &Header) -> Markup {
    let w = scene.w;
    let standing = match h.state {
        State::Queued | State::Bot => Some(bits::status("warn", w.in_queue())),
        State::Closed => Some(bits::status("calm", w.closed_one())),
        State::Open => None,
    };
    html! {
        header.head {
            a.icon.back href=(paths::CONVERSATIONS) data-back="" aria-label=(w.back()) { (icon("back")) }
            (avatar(&h.name))
            div.grow {
                h1 { (h.name) }
                p {
                    // On the phone the first line is the name's alone.
                    @if let Some(standing) = &standing { span.only-s { (standing) " · " } }
                    @if let Some((_, reference, title)) = &h.deal { (reference) " · " (title) } @else { (w.channel_name(&h.channel)) }
                    @if let (Some(holder), false) = (&h.holder, h.mine) { " · " (w.with_holder(holder)) }
                }
            }
            @if let Some(standing) = &standing { span.hide-s { (standing) } }
            @if h.state == State::Open { a.button.hide-s href=(paths::of_conversation(h.id, "encerramento")) data-dialog="" { (w.close_conversation()) } }
            (within::opener(scene, &paths::conversation(h.id)))
            details.menu data-menu="" {
                summary.icon aria-label=(w.more_actions()) { (icon("more")) }
                div.menu-list {
                    a.show-side href="#lado" { (icon("user")) (w.details()) }
                    @if h.state == State::Open {
                        a href=(paths::of_conversation(h.id, "encerramento")) data-dialog="" { (icon("check")) (w.close_conversation()) }
                        form data-inline="" method="post" action=(paths::of_conversation(h.id, "responsavel")) {
                            input type="hidden" name="_csrf" value=(scene.csrf);
                            input type="hidden" name="responsavel" value="fila";
                            button type="submit" { (icon("retry")) (w.give_back()) }
                        }
                    }
                    @if let Some((id, reference, _)) = &h.deal { a href=(paths::opportunity(*id)) { (icon("deal")) (w.open_reference(reference)) } }
                }
            }
        }
    }
}

/// What stands below the entries: the composer, or the button that is needed before it (Q4).
pub fn foot(scene: &Scene, h: &Header) -> Markup {
    let w = scene.w;
    let mail = (scene.mail_on && h.mail).then(|| w.mail_too());
    let action = paths::of_conversation(h.id, "mensagens");
    let button = |what: &str, label: &str, text: &str| {
        html! {
            form.bar data-inline="" method="post" action=(paths::of_conversation(h.id, what)) {
                input type="hidden" name="_csrf" value=(scene.csrf);
                p.grow { (text) }
                button.button.main type="submit" { (label) }
            }
        }
    };
    match h.state {
        State::Queued | State::Bot => button("atendente", w.take(), w.take_to_answer()),
        State::Closed => button("reabertura", w.reopen(), w.is_closed()),
        State::Open => {
            let token = crate::domain::token::name();
            html! {
                @if !h.read { p.hint.unread-here { (icon("phone")) (w.nobody_reads_here()) } }
                (composer::composer(scene, &Composer { action: &action, token, notes: true, mail, text: "" }))
            }
        }
    }
}

/// What stands there once the conversation is somebody else's and out of this viewer's sight.
pub fn gone(scene: &Scene, holder: &str) -> Markup {
    html! {
        div.bar role="status" {
            p.grow { @if holder.is_empty() { (scene.w.not_yours()) } @else { (scene.w.now_with(holder)) } }
            a.button.main href=(paths::CONVERSATIONS) { (scene.w.to_list()) }
        }
    }
}

/// A page of older entries, for browsers without scripts.
pub fn older_page(scene: &Scene, stretch: &Stretch, address: &str) -> Markup {
    html! {
        div.stream {
            (stream::older_button(scene, stretch.older, address))
            @for one in &stretch.bubbles { (bubble::entry(scene, one)) }
        }
    }
}
