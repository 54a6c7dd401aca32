//! The frame of every page: head, rail, dialogs, and the lines that say how it goes.

use super::bits::avatar;
use super::icon::icon;
use crate::domain::Staff;
use crate::store::Health;
use crate::web::paths;
use crate::web::scene::{Scene, Side};
use crate::web::statics;
use crate::words::Words;
use maud::{DOCTYPE, Markup, html};

/// Where a page stands in the main navigation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Conversas.
    Conversations,
    /// Oportunidades.
    Opportunities,
    /// Contatos.
    Contacts,
    /// Usuários online.
    Presence,
    /// Buscar.
    Find,
    /// Sistema.
    System,
    /// None of them.
    Elsewhere,
}

/// What makes a page live: the address of its stream and how far its snapshot of the journal reached.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Below [`paths::LIVE`], with the screen in its query.
    pub address: String,
    /// The journal's number at the snapshot.
    pub seq: u64,
}

/// The whole document around a body.
fn document(scene: &Scene, title: &str, live: Option<&Live>, class: &str, body: Markup) -> Markup {
    let w = scene.w;
    html! {
        (DOCTYPE)
        html lang=(scene.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content";
                meta name="csrf" content=(scene.csrf);
                meta name="color-scheme" content="light dark";
                title { (title) " · " (scene.agency) }
                link rel="icon" href=(statics::asset("icons/balcao.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(statics::stylesheet());
                // The agency's colour is for its clients; in the office accent must not come near the red of "late".
                @if class == "outside" { link rel="stylesheet" href=(statics::hue(scene.hue)); }
                script type="module" src=(statics::asset("js/main.js")) {}
            }
            body class=(class) data-user=(scene.user()) data-live=[live.map(|live| &live.address)] data-seq=[live.map(|live| live.seq)] data-say-failed=(w.say_failed()) {
                a.skip href="#principal" { (w.skip()) }
                (disk_line(scene))
                p.offline #sem-conexao role="status" hidden { (icon("warn")) (w.offline()) }
                @if let Some(at) = scene.torn_at {
                    p.offline role="status" { (icon("warn")) a href=(paths::SYSTEM_COPIES) { (w.recovered(&scene.clock.exact(at))) } }
                }
                @if scene.copies_late {
                    p.offline role="status" { (icon("warn")) a href=(paths::SYSTEM_COPIES) { (w.daily_late()) } }
                }
                div.notices #avisos aria-live="polite" {}
                p.unseen #anuncio aria-live="polite" {}
                (body)
                dialog.window #janela aria-label=(w.window()) data-say-leave=(w.leave_form()) {}
                dialog.light #luz aria-label=(w.picture()) {
                    img alt="";
                    button.icon.light-close type="button" data-act="close" aria-label=(w.close()) { (icon("close")) }
                    button.icon.light-prev type="button" data-act="prev" aria-label=(w.picture_before()) { (icon("back")) }
                    button.icon.light-next type="button" data-act="next" aria-label=(w.picture_after()) { (icon("next")) }
                }
            }
        }
    }
}

/// Where the line about the disk stands.
pub const DISK_LINE: &str = "disco";

/// What to know while the disk takes nothing; nothing while it does. The live stream puts it and takes it away.
pub fn disk_line(scene: &Scene) -> Markup {
    let w = scene.w;
    let text = match (scene.health, &scene.side) {
        (Health::Well, _) => None,
        (Health::Full, Side::Staff(_)) => Some(w.disk_is_full()),
        (Health::Failing, Side::Staff(_)) => Some(w.disk_failing()),
        (_, Side::Portal(_)) => Some(w.pausing()),
        (_, Side::Nobody) => Some(w.only_reading()),
    };
    html! {
        div.disk-line id=(DISK_LINE) role="status" {
            @if let Some(text) = text { p.offline { (icon("warn")) span { (text) } } }
        }
    }
}

/// A page of the office. `unread` is the number beside Conversas.
pub fn office(scene: &Scene, place: Place, unread: usize, title: &str, live: Option<&Live>, body: Markup) -> Markup {
    let Side::Staff(staff) = &scene.side else { return outside(scene, title, body) };
    document(
        scene,
        title,
        live,
        "office",
        html! {
            div.house {
                (rail(scene, staff, place, unread))
                (body)
            }
        },
    )
}

/// A page of the office without its navigation: for a screen on the wall.
pub fn bare_office(scene: &Scene, title: &str, live: &Live, body: Markup) -> Markup {
    document(scene, title, Some(live), "office", body)
}

/// A page of the office that is one column: head, body.
pub fn office_column(
    scene: &Scene,
    place: Place,
    unread: usize,
    live: Option<&Live>,
    head: Markup,
    title: &str,
    body: Markup,
) -> Markup {
    office(
        scene,
        place,
        unread,
        title,
        live,
        html! {
            main.column #principal tabindex="-1" {
                header.column-head { h1 { (title) } (head) }
                div.column-body { (body) }
            }
        },
    )
}

/// The number beside Conversas; the live stream replaces it.
pub fn unread_pip(scene: &Scene, unread: usize) -> Markup {
    html! {
        span #nao-lidas .pip {
            @if unread > 0 { span.count { (unread) span.unseen { " " (scene.w.waiting_for_you()) } } }
        }
    }
}

fn rail(scene: &Scene, staff: &Staff, place: Place, unread: usize) -> Markup {
    let w = scene.w;
    let item = |here: Place, to: &str, name: &str, label: &str, pip: Option<Markup>| {
        html! {
            a href=(to) aria-current=[(here == place).then_some("page")] { (icon(name)) (label) @if let Some(pip) = pip { (pip) } }
        }
    };
    html! {
        nav.rail aria-label=(w.main_navigation()) {
            a.brand href="/" aria-label=(scene.agency) {
                @if scene.logo { img src=(paths::LOGO) alt="" width="40" height="40"; } @else { (icon("chat")) }
            }
            (item(Place::Conversations, paths::CONVERSATIONS, "chat", w.conversations(), Some(unread_pip(scene, unread))))
            (item(Place::Opportunities, paths::OPPORTUNITIES, "deal", w.opportunities(), None))
            (item(Place::Contacts, paths::CONTACTS, "people", w.contacts(), None))
            @if scene.register_on { a.hide-s href=(paths::PRESENCE) aria-current=[(place == Place::Presence).then_some("page")] { (icon("house")) (w.presence()) } }
            a href=(paths::FIND) data-find="all" aria-keyshortcuts="Control+K /" title="Ctrl K" aria-current=[(place == Place::Find).then_some("page")] { (icon("search")) (w.find()) }
            @if staff.may_settle() {
                // On the phone it is in one's own menu: the bar has room for five.
                a.hide-s href=(paths::SYSTEM) aria-current=[(place == Place::System).then_some("page")] { (icon("settings")) (w.system()) }
            }
            span.grow {}
            details.menu.me data-menu="" {
                summary { (avatar(&staff.name)) span.me-name { (first_name(&staff.name)) } span.unseen { ": " (w.my_menu(&staff.name)) } }
                div.menu-list {
                    p.menu-who { b { (staff.name) } span { (role_name(w, staff)) } }
                    a href=(paths::PROFILE) { (icon("user")) (w.my_profile()) }
                    @if scene.register_on { a.only-s href=(paths::PRESENCE) { (icon("house")) (w.presence()) } }
                    @if staff.may_settle() { a.only-s href=(paths::SYSTEM) { (icon("settings")) (w.system()) } }
                    @if scene.demo { a href=(paths::GALLERY) { (icon("edit")) (w.gallery()) } }
                    form method="post" action=(paths::LOGOUT) {
                        input type="hidden" name="_csrf" value=(scene.csrf);
                        button type="submit" { (icon("exit")) (w.log_out()) }
                    }
                }
            }
        }
    }
}

/// What somebody is here, in words.
fn role_name(w: Words, staff: &Staff) -> &str {
    staff.own_role.as_deref().unwrap_or(w.role(staff.role))
}

/// The first name, for small places.
pub fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

/// A page of the portal, in the agency's colour.
pub fn portal(scene: &Scene, title: &str, live: Option<&Live>, body: Markup) -> Markup {
    document(scene, title, live, "outside", body)
}

/// A page for somebody who is not in: one card in the middle.
pub fn outside(scene: &Scene, title: &str, body: Markup) -> Markup {
    document(
        scene,
        title,
        None,
        "outside",
        html! {
            main.gate #principal tabindex="-1" {
                div.gate-card {
                    div.gate-brand {
                        @if scene.logo { img src=(paths::LOGO) alt="" width="56" height="56"; } @else { span.brand { (icon("chat")) } }
                        p { (scene.agency) }
                    }
                    (body)
                }
            }
        },
    )
}

/// A page that only says something.
pub fn message(scene: &Scene, title: &str, text: &str) -> Markup {
    outside(
        scene,
        title,
        html! {
            h1 { (title) }
            p.gate-text { (text) }
            a.button href="/" { (scene.w.to_start()) }
        },
    )
}

/// A dialog's content on a page of its own, for browsers without scripts.
pub fn sheet_page(scene: &Scene, place: Place, title: &str, sheet: Markup) -> Markup {
    office(
        scene,
        place,
        0,
        title,
        None,
        html! {
            main.column #principal tabindex="-1" { h1.unseen { (title) } div.column-body.narrow { (sheet) } }
        },
    )
}
