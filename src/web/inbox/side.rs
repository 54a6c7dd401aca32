//! What stands beside an open conversation, drawn (Q8, E7).

use super::documents::Documents;
use crate::domain::contact::Contact;
use crate::domain::conversation::State;
use crate::domain::ids::*;
use crate::domain::opportunity::Opportunity;
use crate::domain::presence::Taker;
use crate::domain::values::phone_shown;
use crate::web::paths;
use crate::web::presence;
use crate::web::scene::Scene;
use crate::web::ui::icon::icon;
use maud::{Markup, html};

/// What stands beside it (Q8).
pub struct Side {
    /// Which.
    pub id: ConversationId,
    /// How it stands.
    pub state: State,
    /// With whom.
    pub contact: Contact,
    /// On which opportunity, and whether the viewer may open it.
    pub deal: Option<(bool, Opportunity)>,
    /// When it began.
    pub begun: String,
    /// By which channel.
    pub channel: String,
    /// Motivo.
    pub reason: Option<ReasonId>,
    /// Responsável.
    pub responsible: Option<UserId>,
    /// Setor.
    pub department: Option<String>,
    /// To whom it may go.
    pub takers: Vec<Taker>,
    /// What may be chosen.
    pub reasons: Vec<(ReasonId, String)>,
    /// E7.
    pub documents: Documents,
}

/// Contact, opportunity, conversation, documents.
pub fn side(scene: &Scene, s: &Side) -> Markup {
    let w = scene.w;
    html! {
        a.icon.side-close href="#principal" aria-label=(w.close()) { (icon("close")) }
        section.card {
            h2 { (w.contact()) a href=(paths::contact_edit(s.contact.id)) data-dialog="" { (w.edit_contact()) } }
            p.card-name { a href=(paths::contact(s.contact.id)) { (s.contact.name) } }
            dl.facts {
                @for phone in &s.contact.phones { dt { (w.phone()) } dd.num { (phone_shown(phone, scene.home)) } }
                @for email in &s.contact.emails { dt { (w.email()) } dd { (email) } }
            }
            @if !s.contact.note.is_empty() { p.hint { (s.contact.note) } }
        }
        @if let Some((may, deal)) = &s.deal {
            section.card {
                h2 { (w.opportunity()) @if *may { a href=(paths::opportunity(deal.id)) { (w.open()) } } }
                p { b { (deal.reference) } " · " (deal.title) }
                @if let Some(amount) = deal.amount { p.hint.num { (w.money(amount, scene.home)) } }
            }
        }
        section.card {
            h2 { (w.conversation()) }
            dl.facts {
                dt { (w.begun()) } dd { (s.begun) }
                dt { (w.channel()) } dd { (w.channel_name(&s.channel)) }
                @if let Some(department) = &s.department { dt { (w.department()) } dd { (department) } }
            }
            (reason_field(scene, s))
            (responsible_field(scene, s))
        }
        section.card {
            h2 { (w.documents()) }
            (s.documents.cards_or_none(scene))
        }
    }
}

fn reason_field(scene: &Scene, s: &Side) -> Markup {
    html! {
        form.field data-inline="" method="post" action=(paths::of_conversation(s.id, "motivo")) {
            input type="hidden" name="_csrf" value=(scene.csrf);
            label for="motivo-lado" { (scene.w.reason()) }
            select #motivo-lado name="motivo" data-submit="" {
                option value="" { (scene.w.choose()) }
                @for (id, name) in &s.reasons { option value=(id) selected[s.reason == Some(*id)] { (name) } }
            }
            noscript { button.button type="submit" { (scene.w.save()) } }
        }
    }
}

fn responsible_field(scene: &Scene, s: &Side) -> Markup {
    let w = scene.w;
    html! {
        form.field data-inline="" method="post" action=(paths::of_conversation(s.id, "responsavel")) {
            input type="hidden" name="_csrf" value=(scene.csrf);
            label for="responsavel-lado" { (w.responsible()) }
            select #responsavel-lado name="responsavel" data-submit="" disabled[s.state == State::Closed] {
                option value="fila" selected[s.responsible.is_none()] { (w.nobody_queue()) }
                @for taker in s.takers.iter().filter(|taker| taker.reach.can_take()) { (taker_option(scene, s, taker)) }
                @if s.takers.iter().any(|taker| !taker.reach.can_take()) {
                    optgroup label=(w.reach_out()) {
                        @for taker in s.takers.iter().filter(|taker| !taker.reach.can_take()) { (taker_option(scene, s, taker)) }
                    }
                }
            }
            @if let Some(out) = s.takers.iter().find(|taker| s.responsible == Some(taker.id)).and_then(|taker| presence::out(scene, taker)) {
                p.hint.out-now { (icon("warn")) (out) }
            }
            noscript { button.button type="submit" { (w.save()) } }
        }
    }
}

/// P6: somebody it may go to, with where they are.
fn taker_option(scene: &Scene, s: &Side, taker: &Taker) -> Markup {
    html! { option value=(taker.id) selected[s.responsible == Some(taker.id)] { (presence::choice(scene, taker)) } }
}
