//! Sistema → Cópias de segurança: how the copies stand, an archive to take away, and the drill.

use super::envelope::Names;
use super::{folder, page};
use crate::domain::access::Act;
use crate::domain::audit::{self, Deed};
use crate::domain::{Answer, No, Staff};
use crate::store::Fault;
use crate::vault::age::Envelope;
use crate::vault::archive::{self, Content};
use crate::vault::keeper::{Keeper, Notice, Standing};
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::fields::Fields;
use crate::web::scene::Scene;
use crate::web::ui::form::Form;
use crate::web::{paths, pieces, proof};
use maud::{Markup, html};
use poem::http::header;
use poem::{Body, Response};
use std::io;
use std::sync::Arc;

const HOUR_MS: i64 = 3_600_000;
/// A backup that is older is worth a warning.
const BACKUP_MS: i64 = 7 * 24 * HOUR_MS;
/// Snapshots that stay away for longer, though something happened, are worth one.
const SNAPSHOT_MS: i64 = 2 * HOUR_MS;
const ENVELOPE: Names = Names { phrase: "frase", keys: "chave" };

/// How the copies stand.
pub async fn show(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::KeepCopies)?;
    let scene = ask.scene();
    let values = Fields::default();
    Ok(answer::html(draw_with_archive(&ask, &scene, &Form::new(&scene, &values))?))
}

fn draw_with_archive(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let values = folder::values(ask.agency.copies.as_ref());
    draw(ask, scene, form, &Form::new(scene, &values))
}

/// The page after the form of the folder was refused.
pub fn draw_with_folder(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    draw(ask, scene, &Form::new(scene, &Fields::default()), form)
}

fn draw(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>, daily: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let standing = ask.desk.keeper.standing().map_err(disk)?;
    let behind = standing.shots.first().is_none_or(|shot| shot.reached < *ask.desk.store.bell().borrow());
    let command = format!("balcao backup copia.tar --data {}", ask.desk.dir().display());
    let body = html! {
        p.hint { (w.copies_text()) }
        (state(scene, &standing, behind, ask.desk.store.now()))
        (folder::draw(ask, scene, &standing, daily))
        form.settings-form method="post" action=(paths::SYSTEM_COPIES_ARCHIVE) novalidate {
            h3 { (w.make_backup()) }
            p { (w.make_backup_text()) }
            p.hint { (w.backup_from_terminal()) " " code { (command) } }
            (form.head())
            (ENVELOPE.draw(w, form, w.backup_phrase_hint()))
            (form.password(proof::FIELD, w.your_password(), "current-password", false, ""))
            div.settings-foot { button.button.main type="submit" { (w.make_backup()) } }
        }
        (drill_form(scene, &standing))
        h3 { (w.snapshots()) }
        p.hint { (w.snapshots_text()) }
        ul.names {
            @for shot in &standing.shots {
                li {
                    span.grow { (scene.clock.exact(shot.at)) @if shot.damaged > 0 { " · " (w.damaged_rows(shot.damaged)) } }
                    span.hint { (w.size(shot.bytes)) }
                }
            }
        }
    };
    page(ask, scene, paths::SYSTEM_COPIES, w.copies(), body)
}

fn state(scene: &Scene, standing: &Standing, behind: bool, now: i64) -> Markup {
    let w = scene.w;
    let shot = standing.shots.first().map(|shot| shot.at);
    let backed = standing.notes.backed_at;
    let old = behind && shot.is_none_or(|at| (now - at).abs() > SNAPSHOT_MS);
    html! {
        @if let Some(notice) = &standing.notes.recovered { (recovered(scene, notice)) }
        @if let Some(why) = &standing.trouble { p.refusal role="alert" { (w.snapshot_trouble(why)) } }
        @else if old { p.refusal role="alert" { (w.snapshot_old()) } }
        @match backed {
            None => p.refusal role="status" { (w.backup_none()) },
            Some(at) if (now - at).abs() > BACKUP_MS => p.refusal role="status" { (w.backup_old()) },
            Some(_) => {}
        }
        ul.names {
            li { span.grow { (w.last_snapshot()) } span.hint { @match shot { Some(at) => (scene.clock.moment(at)), None => (w.no_snapshot_yet()) } } }
            li { span.grow { (w.last_backup()) } span.hint { @match backed { Some(at) => (scene.clock.moment(at)), None => (w.no_backup_yet()) } } }
        }
    }
}

/// What a torn copy lost, until somebody says that they read it.
fn recovered(scene: &Scene, notice: &Notice) -> Markup {
    let w = scene.w;
    html! {
        form.settings-form method="post" action=(paths::SYSTEM_COPIES_NOTICE) {
            h3 { (w.recovered_title()) }
            input type="hidden" name="_csrf" value=(scene.csrf);
            p { (w.recovered(&scene.clock.exact(notice.from))) }
            @if let Some(name) = &notice.aside { p { (w.recovered_kept(name)) } }
            div.settings-foot { button.button type="submit" { (w.i_read_it()) } }
        }
    }
}

fn drill_form(scene: &Scene, standing: &Standing) -> Markup {
    let w = scene.w;
    html! {
        form.settings-form #teste method="post" action=(paths::SYSTEM_COPIES_DRILL) {
            h3 { (w.drill()) }
            input type="hidden" name="_csrf" value=(scene.csrf);
            p { (w.drill_text()) }
            @if standing.drilling {
                p.saved role="status" { (w.drilling()) }
            } @else {
                @match &standing.notes.drill {
                    None => p.hint { (w.drill_never()) },
                    Some(drill) => @match &drill.outcome {
                        Ok(back) => {
                            p.saved role="status" { (w.drill_passed(&scene.clock.moment(drill.at), back.rows, back.files, (drill.took + 999) / 1000)) }
                            @if back.damaged > 0 { p.refusal role="alert" { (w.drill_damaged(back.damaged)) } }
                        },
                        Err(why) => p.refusal role="alert" { (w.drill_failed(why)) },
                    },
                }
            }
            div.settings-foot {
                @if standing.drilling { a.button href={ (paths::SYSTEM_COPIES) "#teste" } { (w.look_again()) } }
                @else { button.button type="submit" { (w.drill()) } }
            }
        }
    }
}

/// Begins a drill; the page says how it goes.
pub async fn drill(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::KeepCopies)?;
    ask.desk.keeper.begin_drill();
    Ok(ask.go(&format!("{}#teste", paths::SYSTEM_COPIES)))
}

/// Somebody read what a torn copy lost.
pub async fn dismiss(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::KeepCopies)?;
    ask.desk.keeper.dismiss().map_err(disk)?;
    Ok(ask.go(paths::SYSTEM_COPIES))
}

/// Hands out everything the house has: to an admin, with their password once more, and noted.
pub async fn archive(mut ask: Ask<Staff>) -> Reply {
    match try_archive(&mut ask).await {
        Ok(response) => Ok(response),
        Err(no) => {
            let scene = ask.scene();
            let values = ENVELOPE.shown(&ask.fields);
            let form = Form::refused(&scene, &values, no)?;
            Ok(answer::form_again(draw_with_archive(&ask, &scene, &form)?))
        }
    }
}

async fn try_archive(ask: &mut Ask<Staff>) -> Result<Response, No> {
    ask.who.must(Act::KeepCopies)?;
    let envelope = ENVELOPE.read(&ask.fields)?;
    ask.prove_now(proof::FIELD).await?;
    let (keeper, sealed) = (ask.desk.keeper.clone(), envelope.is_sealed());
    let made = tokio::task::spawn_blocking(move || keeper.content(sealed)).await;
    let content = made.map_err(|_| Fault::Panicked)?.map_err(disk)?;
    let staff = ask.who.clone();
    ask.write(move |tx| audit::note(tx, &staff, Deed::Exported, true, "backup")).await?;
    let day = ask.scene().clock.date_key(ask.desk.store.now());
    let name = format!("balcao-{day}.tar{}", if sealed { ".age" } else { "" });
    let body = stream(ask.desk.keeper.clone(), content, envelope);
    Ok(Response::builder()
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
        .header(header::CACHE_CONTROL, "no-store")
        .body(body))
}

/// The archive as it is written.
fn stream(keeper: Arc<Keeper>, content: Content, envelope: Envelope) -> Body {
    pieces::body(move |mut out| {
        archive::write_to(content, &mut out, &envelope, &mut |_| {})?;
        keeper.backed()
    })
}

/// The disk did not do as it should.
pub fn disk(error: io::Error) -> No {
    Fault::Storage(error.to_string()).into()
}
