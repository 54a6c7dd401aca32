//! Sessions listed and endable: one's own in Meu perfil, anybody's for an admin (ASVS 7.4, 7.5).

use super::answer::{self, Reply};
use super::ask::Ask;
use super::inbox::actions;
use super::paths;
use super::scene::Scene;
use super::ui::bits;
use super::ui::icon::icon;
use super::ui::layout::Place;
use crate::domain::access::Act;
use crate::domain::ids::*;
use crate::domain::session::{self, Session};
use crate::domain::{Answer, Refusal, Staff, user};
use maud::{Markup, html};

/// The sessions of a user, each with its end, and the end of all others.
pub fn list(scene: &Scene, staff: &Staff, of: UserId, all: &[Session]) -> Markup {
    let w = scene.w;
    let own = staff.id == of;
    let others = all.iter().filter(|one| one.id != staff.session).count();
    let all_action = if own { paths::SESSIONS.to_owned() } else { paths::user_sessions(of) };
    html! {
        ul.names.sessions {
            @for one in all {
                li {
                    span.grow {
                        b { (browser(scene, &one.browser)) }
                        small { (w.session_facts(&one.from, &scene.clock.moment(one.created_at), &scene.clock.moment(one.seen_at))) }
                    }
                    @if one.id == staff.session { (bits::status("good", w.this_session())) }
                    @else {
                        form method="post" action=(paths::session_end(own, of, one.id)) {
                            input type="hidden" name="_csrf" value=(scene.csrf);
                            button.button type="submit" { (w.end_session()) }
                        }
                    }
                }
            }
        }
        @if others > 0 {
            form.settings-foot method="post" action=(all_action) {
                input type="hidden" name="_csrf" value=(scene.csrf);
                button.button type="submit" { (if own { w.end_other_sessions() } else { w.end_all_sessions() }) }
            }
        }
    }
}

/// Ends one of one's own.
pub async fn end(ask: Ask<Staff>) -> Reply {
    let (staff, id) = (ask.who.clone(), ask.id::<SessionId>()?);
    ask.write_soft(move |tx| session::shut(tx, &staff, staff.id, id)).await?;
    Ok(ask.go(&format!("{}?salvo=sim", paths::PROFILE)))
}

/// Ends all others of one's own.
pub async fn end_others(ask: Ask<Staff>) -> Reply {
    let staff = ask.who.clone();
    ask.write_soft(move |tx| session::shut_others(tx, &staff, staff.id)).await?;
    Ok(ask.go(&format!("{}?salvo=sim", paths::PROFILE)))
}

/// An admin looks at a user's.
pub async fn of_user(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::ManageUsers)?;
    let scene = ask.scene();
    let sheet = sheet(&ask, &scene, ask.id()?)?;
    Ok(actions::in_dialog(&ask, &scene, Place::System, scene.w.sessions(), sheet))
}

/// An admin ends one of a user's.
pub async fn end_of_user(ask: Ask<Staff>) -> Reply {
    let (staff, of) = (ask.who.clone(), ask.id::<UserId>()?);
    ask.who.must(Act::ManageUsers)?;
    let id = super::fields::number(ask.param("sessao")).map(SessionId).ok_or(Refusal::NotFound)?;
    ask.write_soft(move |tx| session::shut(tx, &staff, of, id)).await?;
    back(&ask, of)
}

/// An admin ends all of a user's.
pub async fn end_all_of_user(ask: Ask<Staff>) -> Reply {
    let (staff, of) = (ask.who.clone(), ask.id::<UserId>()?);
    ask.who.must(Act::ManageUsers)?;
    ask.write_soft(move |tx| session::shut_others(tx, &staff, of)).await?;
    back(&ask, of)
}

fn back(ask: &Ask<Staff>, of: UserId) -> Reply {
    if !ask.fragment() {
        return Ok(ask.go(&paths::user_sessions(of)));
    }
    Ok(answer::html(sheet(ask, &ask.scene(), of)?))
}

fn sheet(ask: &Ask<Staff>, scene: &Scene, of: UserId) -> Answer<Markup> {
    let w = scene.w;
    let look = ask.desk.look()?;
    let one = user::by_id(&look, of)?.ok_or(Refusal::NotFound)?;
    let all = session::of_user(&look, &ask.who, of, scene.now)?;
    Ok(html! {
        div.sheet {
            header.sheet-head { h2 { (w.sessions_of(&one.name)) } button.icon type="button" data-act="close" aria-label=(w.close()) { (icon("close")) } }
            div.sheet-body {
                @if all.is_empty() { p.hint { (w.no_sessions()) } }
                (list(scene, &ask.who, of, &all))
            }
            footer.sheet-foot { button.button type="button" data-act="close" { (w.close()) } }
        }
    })
}

/// What a browser calls itself, as people call it: `Firefox, Windows`. The order matters: most claim to be others too.
fn browser(scene: &Scene, agent: &str) -> String {
    let first =
        |names: &[(&str, &'static str)]| names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    let program = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => scene.w.unknown_browser().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::values::Language;
    use crate::words::Words;

    #[test]
    fn browsers_are_called_as_people_call_them() {
        let scene = Scene::bare(Words(Language::PtBr));
        for (agent, name) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537.36 Edg/140",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Mobile Safari/604",
                "Safari, iPhone",
            ),
            ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36", "Chrome, Android"),
            ("<script>alert(1)</script>", "Navegador desconhecido"),
        ] {
            assert_eq!(browser(&scene, agent), name);
        }
    }
}
