//! Opportunities, drawn.

use crate::domain::contact::Contact;
use crate::domain::conversation::Conversation;
use crate::domain::ids::*;
use crate::domain::opportunity::{Opportunity, Outcome, STAGES};
use crate::domain::values::phone_shown;
use crate::web::find::within;
use crate::web::inbox::documents::Documents;
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::bits::{self, avatar};
use crate::web::ui::icon::icon;
use crate::words::dates::Said;
use maud::{Markup, html};

/// Conversations that stand side by side above the chat; more are in a menu.
const TABS_MAX: usize = 4;

/// A card of the list (E3).
#[derive(Clone)]
pub struct Card {
    /// What.
    pub deal: Opportunity,
    /// The potential client.
    pub contact: Contact,
    /// À responsabilidade de.
    pub responsible: String,
}

/// A page of the list.
pub struct Cards {
    /// What is in it.
    pub cards: Vec<Card>,
    /// The address of the next one.
    pub more: Option<String>,
}

/// A conversation on the opportunity.
#[derive(Clone)]
pub struct Talk {
    /// Which.
    pub c: Conversation,
    /// With whom.
    pub name: String,
    /// By which address.
    pub email: String,
    /// Whether nobody can enter any more.
    pub revoked: bool,
    /// How many unread.
    pub unread: u64,
}

/// The page (E4, E7).
pub struct Page {
    /// What.
    pub card: Card,
    /// Its conversations.
    pub talks: Vec<Talk>,
    /// The one that is open.
    pub chosen: Option<Talk>,
    /// What happened, and when.
    pub history: Vec<(String, Said)>,
    /// The open conversation's files.
    pub documents: Documents,
}

/// The list's button.
pub fn list_head(scene: &Scene) -> Markup {
    html! { a.button.main href=(paths::OPPORTUNITY_NEW) data-dialog="" { (icon("plus")) (scene.w.new_opportunity()) } }
}

/// The list with its search.
pub fn list(scene: &Scene, cards: &Cards, mine: bool, everything: bool, typed: &str) -> Markup {
    let w = scene.w;
    html! {
        form.filters.wide method="get" action=(paths::OPPORTUNITIES) role="search" {
            div.search {
                (icon("search"))
                input type="search" name="busca" value=(typed) placeholder=(w.opportunity_search()) aria-label=(w.opportunity_search()) data-filter="#oportunidades" data-search="" autocomplete="off";
            }
            @if everything {
                select name="de" aria-label=(w.whose()) data-filter="#oportunidades" {
                    option value="minhas" selected[mine] { (w.my_opportunities()) }
                    option value="todas" selected[!mine] { (w.all_opportunities()) }
                }
            }
            noscript { button.button type="submit" { (w.search()) } }
        }
        div.cards #oportunidades data-order="desc" data-rows="" { (self::cards(scene, cards)) }
        div data-empty-for="oportunidades" hidden[!cards.cards.is_empty()] {
            @if typed.is_empty() { (bits::empty("deal", w.no_opportunities(), Some(html! { a.button href=(paths::OPPORTUNITY_NEW) data-dialog="" { (icon("plus")) (w.new_opportunity()) } }))) }
            @else { (bits::empty("deal", w.nothing_found(), None)) }
        }
    }
}

/// The cards, and the way to more of them.
pub fn cards(scene: &Scene, cards: &Cards) -> Markup {
    html! {
        @for one in &cards.cards { (card(scene, one)) }
        @if let Some(more) = &cards.more { a.more data-k="-1" href=(more) { (scene.w.show_more()) } }
    }
}

/// A card's name in the page.
pub fn card_dom(id: OpportunityId) -> String {
    format!("oportunidade-{id}")
}

/// One card.
pub fn card(scene: &Scene, c: &Card) -> Markup {
    let w = scene.w;
    html! {
        a.deal id=(card_dom(c.deal.id)) data-k=(c.deal.updated_at) href=(paths::opportunity(c.deal.id)) {
            div.deal-top {
                b.ref { (c.deal.reference) } (percent(&c.deal)) (outcome(scene, &c.deal))
                @if c.deal.high_priority { (bits::status("bad", w.high())) }
                span.grow {}
                time.hint datetime=(scene.clock.machine(c.deal.updated_at)) { (w.edited(&scene.clock.short(c.deal.updated_at))) }
            }
            h2 { (c.deal.title) }
            div.deal-who {
                (avatar(&c.contact.name))
                span { b { (c.contact.name) } small { @if let Some(phone) = c.contact.phones.first() { span.num { (phone_shown(phone, scene.home)) } " · " } (c.contact.emails.first().map_or("", String::as_str)) } }
            }
            @if !c.deal.seeking.is_empty() { p.deal-seeks { (c.deal.seeking) } }
            div.deal-foot { span.hint { (w.in_charge(&c.responsible)) } @if let Some(amount) = c.deal.amount { b.num { (w.money(amount, scene.home)) } } }
        }
    }
}

fn percent(deal: &Opportunity) -> Markup {
    html! { span.percent { progress max="100" value=(deal.percent()) aria-hidden="true" {} (deal.percent()) "%" } }
}

fn outcome(scene: &Scene, deal: &Opportunity) -> Markup {
    match deal.outcome {
        Outcome::Open => html! {},
        Outcome::Won => bits::status("good", scene.w.won()),
        Outcome::Lost => bits::status("bad", scene.w.lost()),
    }
}

/// The page: the chat, and what is known beside it.
pub fn page(scene: &Scene, page: &Page, chat: Option<Markup>) -> Markup {
    html! {
        main.deal-page #principal tabindex="-1" {
            div #ficha-oportunidade { (summary(scene, page)) }
            div.deal-body {
                @if scene.chat_on {
                    section.deal-chat.thread aria-labelledby="chat-externo" data-drop="" {
                        div #conversas-oportunidade { (talks(scene, page)) }
                        @match chat {
                            Some(chat) => (chat),
                            None => (bits::empty("link", scene.w.no_access_yet(), Some(create_button(scene, page.card.deal.id)))),
                        }
                    }
                }
                aside.side.deal-side #lado-oportunidade aria-label=(scene.w.details()) { (beside(scene, page)) }
            }
        }
    }
}

fn create_button(scene: &Scene, id: OpportunityId) -> Markup {
    html! { a.button.main href=(paths::of_opportunity(id, "acessos/novo")) data-dialog="" { (icon("plus")) (scene.w.create_access()) } }
}

/// Reference, percent, outcome, priority, stages (E4).
pub fn summary(scene: &Scene, page: &Page) -> Markup {
    let w = scene.w;
    let deal = &page.card.deal;
    let action = paths::of_opportunity(deal.id, "situacao");
    html! {
        header.deal-head {
            div.deal-title {
                a.icon.back href=(paths::OPPORTUNITIES) data-back="" aria-label=(w.back()) { (icon("back")) }
                h1 { span.hint { (w.kind(deal.kind)) ", " } (deal.reference) }
                (percent(deal))
                form.pills data-inline="" method="post" action=(action) {
                    input type="hidden" name="_csrf" value=(scene.csrf);
                    (pill("desfecho", if deal.outcome == Outcome::Won { "aberta" } else { "ganha" }, w.won(), "good", deal.outcome == Outcome::Won))
                    (pill("desfecho", if deal.outcome == Outcome::Lost { "aberta" } else { "perdida" }, w.lost(), "bad", deal.outcome == Outcome::Lost))
                    (pill("prioridade", "alta", w.high(), "warn", deal.high_priority))
                    (pill("prioridade", "baixa", w.low(), "calm", !deal.high_priority))
                }
                span.grow {}
                a.button href=(paths::of_opportunity(deal.id, "edicao")) data-dialog="" { (icon("edit")) (w.edit()) }
            }
            p.deal-sub { (deal.title) " · " (w.in_charge(&page.card.responsible)) }
            form.stages data-inline="" method="post" action=(action) aria-label=(w.stages()) {
                input type="hidden" name="_csrf" value=(scene.csrf);
                @for stage in 0..STAGES {
                    button.stage.done[stage < deal.stage].now[stage == deal.stage] type="submit" name="etapa" value=(stage) aria-pressed=(if stage == deal.stage { "true" } else { "false" }) { (w.stage(stage)) }
                }
            }
            p.stage-now aria-hidden="true" { (w.stage(deal.stage)) }
        }
    }
}

fn pill(name: &str, value: &str, label: &str, tone: &str, on: bool) -> Markup {
    html! { button class={ "pill " (tone) } type="submit" name=(name) value=(value) aria-pressed=(if on { "true" } else { "false" }) { (label) } }
}

/// The head of the chat: its title, the links of E7, and one tab for each outsider.
pub fn talks(scene: &Scene, page: &Page) -> Markup {
    let w = scene.w;
    let deal = &page.card.deal;
    html! {
        header.chat-head {
            h2 #chat-externo { (w.external_chat()) }
            span.grow {}
            @if !page.talks.is_empty() {
                a.quiet href=(paths::of_opportunity(deal.id, "acessos/link")) data-dialog="" { (icon("link")) (w.portal_link()) }
                a.quiet href=(paths::of_opportunity(deal.id, "acessos")) data-dialog="" { (icon("key")) (w.manage_chat()) }
                a.button href=(paths::of_opportunity(deal.id, "acessos/novo")) data-dialog="" { (icon("plus")) (w.create_access()) }
            }
        }
        @if page.talks.len() > 1 {
            @let (tabs, rest) = page.talks.split_at(page.talks.len().min(TABS_MAX));
            nav.tabs.many aria-label=(w.conversations()) {
                @for talk in tabs { (talk_link(scene, page, talk)) }
                // The phone has room for the open one; all others are in the menu there.
                details.menu.only-s[rest.is_empty()] data-menu="" {
                    summary.quiet { span.hide-s { (w.others(rest.len())) } span.only-s { (w.others(page.talks.len() - 1)) } (icon("down")) }
                    div.menu-list {
                        @for talk in tabs { span.only-s { (talk_link(scene, page, talk)) } }
                        @for talk in rest { (talk_link(scene, page, talk)) }
                    }
                }
            }
        }
        @if let Some(chosen) = &page.chosen {
            p.chat-with {
                (avatar(&chosen.name)) span.grow { b { (chosen.name) } small { (chosen.email) } }
                @if chosen.revoked { (bits::status("bad", w.revoked())) }
                (within::opener(scene, &paths::conversation(chosen.c.id)))
                a.quiet href=(paths::conversation(chosen.c.id)) { (w.open_in_inbox()) }
            }
        }
    }
}

fn talk_link(scene: &Scene, page: &Page, talk: &Talk) -> Markup {
    let open = page.chosen.as_ref().is_some_and(|chosen| chosen.c.id == talk.c.id);
    html! {
        a href=(paths::opportunity_conversation(page.card.deal.id, talk.c.id)) aria-current=[open.then_some("true")] {
            span.talk-name { (talk.name) } small.num { (scene.clock.short(talk.c.last_at)) } (bits::count(talk.unread as usize, false))
        }
    }
}

/// Client, what is sought, property, documents, history.
pub fn beside(scene: &Scene, page: &Page) -> Markup {
    let w = scene.w;
    let deal = &page.card.deal;
    let client = &page.card.contact;
    html! {
        section.card {
            h2 { (w.client()) a href=(paths::contact(client.id)) { (w.client_profile()) } }
            p.card-name { (client.name) }
            dl.facts {
                @for phone in &client.phones { dt { (w.phone()) } dd.num { (phone_shown(phone, scene.home)) } }
                @for email in &client.emails { dt { (w.email()) } dd { (email) } }
            }
        }
        section.card {
            h2 { (w.preference()) }
            p { @if deal.seeking.is_empty() { span.hint { (w.not_told()) } } @else { (deal.seeking) } }
        }
        section.card {
            h2 { (w.chosen_property()) }
            p { @if deal.property.is_empty() { span.hint { (w.not_told()) } } @else { (deal.property) } }
            @if let Some(amount) = deal.amount { p.num { b { (w.money(amount, scene.home)) } } }
        }
        section.card {
            h2 { (w.documents()) }
            (page.documents.cards_or_none(scene))
        }
        section.card {
            h2 { (w.history()) }
            ol.history { @for (text, when) in &page.history { li { (text) small { (bits::said(when)) } } } }
        }
    }
}
