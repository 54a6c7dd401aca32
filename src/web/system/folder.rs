//! Sistema → Cópias de segurança → Cópias de todos os dias: the folder, the time of the day, how many, the passphrase.

use super::copies;
use super::envelope::Names;
use crate::domain::access::Act;
use crate::domain::audit::{self, Deed};
use crate::domain::copies::{self as daily, Copies, Envelope};
use crate::domain::{No, Refusal, Staff, Why, agency, token};
use crate::store::{Fault, secrets};
use crate::vault::age;
use crate::vault::keeper::Standing;
use crate::vault::routine::{Made, Trouble, try_folder};
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::fields::{Fields, number};
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::form::Form;
use crate::words::Words;
use maud::{Markup, html};

/// The field of one's own password.
const PROOF: &str = "prova_diaria";
const ENVELOPE: Names = Names { phrase: "frase_diaria", keys: "chave_diaria" };
/// Where the page comes back to.
const HERE: &str = "#pasta-das-copias";

/// What the form shows before anybody typed.
pub fn values(copies: Option<&Copies>) -> Fields {
    match copies {
        Some(copies) => Fields::default()
            .with("pasta", copies.folder.clone())
            .with("hora", copies.time())
            .with("guardar", copies.keep.to_string()),
        None => Fields::default().with("hora", "03:00").with("guardar", "7"),
    }
}

/// The part of the page.
pub fn draw(ask: &Ask<Staff>, scene: &Scene, standing: &Standing, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let chosen = ask.agency.copies.as_ref();
    let envelope = chosen.map_or(&Envelope::Plain, |copies| &copies.envelope);
    let hint = match envelope {
        Envelope::Plain => w.backup_phrase_hint(),
        Envelope::Secret(_) => w.daily_phrase_kept(),
        Envelope::Keys(_) => "",
    };
    html! {
        section.settings-form #pasta-das-copias {
            h3 { (w.daily()) }
            p { (w.daily_text()) }
            @if let Some(copies) = chosen { (state(scene, standing, copies)) }
            form method="post" action=(paths::SYSTEM_COPIES_FOLDER) novalidate {
                (form.head())
                (form.line("text", "pasta", w.daily_folder(), "off", w.daily_folder_hint()))
                div.two {
                    (form.line("time", "hora", w.daily_time(), "off", ""))
                    (form.line("number", "guardar", w.daily_keep(), "off", ""))
                }
                @if let Envelope::Keys(keys) = envelope {
                    div.public-keys {
                        p { (w.daily_keys_kept()) }
                        @for key in keys { p.what-was-said { (key) } }
                        p.hint { (w.daily_keys_once()) }
                    }
                }
                (ENVELOPE.draw(w, form, hint))
                @if envelope.is_sealed() { (form.tick("sem_frase", w.daily_no_phrase(), None)) }
                // The other form of the page has a field for the password, too: no two of one name.
                (form.password(PROOF, w.your_password(), "current-password", false, ""))
                div.settings-foot {
                    button.button.main type="submit" { (w.save()) }
                    @if chosen.is_some() { button.button type="submit" name="desligar" value="sim" { (w.daily_off()) } }
                }
            }
            @if chosen.is_some() {
                form method="post" action=(paths::SYSTEM_COPIES_FOLDER_NOW) {
                    input type="hidden" name="_csrf" value=(scene.csrf);
                    div.settings-foot {
                        @if standing.copying { a.button href={ (paths::SYSTEM_COPIES) (HERE) } { (w.look_again()) } }
                        @else { button.button type="submit" { (w.daily_now()) } }
                    }
                }
            }
        }
    }
}

fn state(scene: &Scene, standing: &Standing, copies: &Copies) -> Markup {
    let w = scene.w;
    let made: Vec<&Made> = standing.notes.made.iter().rev().filter(|one| one.folder == copies.folder).collect();
    html! {
        @if !copies.apart { p.hint { (w.daily_same_disk()) } }
        @if standing.copying { p.saved role="status" { (w.daily_running()) } }
        @else if let Some(failed) = standing.notes.failed_for(copies) {
            p.refusal role="alert" { (w.daily_failed(&scene.clock.moment(failed.at))) " " (words(w, &failed.why)) }
        }
        @if let Some(last) = made.first() {
            p.saved role="status" { (w.daily_good(&scene.clock.moment(last.at), (last.took + 999) / 1000)) }
            @if last.damaged > 0 { p.refusal role="alert" { (w.drill_damaged(last.damaged)) } }
            ul.names { @for one in &made { li { span.grow { (one.name) } span.hint { (w.size(one.bytes)) } } } }
        } @else if !standing.copying { p.hint { (w.daily_never()) } }
    }
}

/// One sentence on why there is no backup.
fn words(w: Words, why: &Trouble) -> String {
    match why {
        Trouble::NotAbsolute => w.folder_not_absolute().to_owned(),
        Trouble::Inside => w.folder_inside().to_owned(),
        Trouble::Missing => w.folder_missing().to_owned(),
        Trouble::Unplugged => w.folder_unplugged().to_owned(),
        Trouble::NotWritable(why) => w.folder_not_writable(why),
        Trouble::Full(needed, free) => w.folder_full(&w.size(*needed), &w.size(*free)),
        Trouble::NotGood(why) => w.daily_not_good(why),
        Trouble::Failed(why) => w.daily_went_wrong(why),
        Trouble::Closed => w.daily_closed().to_owned(),
    }
}

/// Saves where the house's own backups go and when, or that it makes none; the first one is made at once.
pub async fn save(mut ask: Ask<Staff>) -> Reply {
    let refused = match try_save(&mut ask).await {
        Ok(None) => return Ok(ask.go(&format!("{}?salvo=sim{HERE}", paths::SYSTEM_COPIES))),
        Ok(Some(trouble)) => Err(trouble),
        Err(no) => Ok(no),
    };
    let (scene, values) = (ask.scene(), ENVELOPE.shown(&ask.fields));
    let form = match refused {
        Ok(no) => Form::refused(&scene, &values, no)?,
        Err(trouble) => {
            let mut form = Form::new(&scene, &values);
            form.refusal = Some(words(scene.w, &trouble));
            form
        }
    };
    Ok(answer::form_again(copies::draw_with_folder(&ask, &scene, &form)?))
}

async fn try_save(ask: &mut Ask<Staff>) -> Result<Option<Trouble>, No> {
    ask.who.must(Act::KeepCopies)?;
    ask.prove_now(PROOF).await?;
    let old = ask.agency.copies.as_ref().map_or(Envelope::Plain, |copies| copies.envelope.clone());
    if ask.fields.ticked("desligar") {
        return keep(ask, None, old).await.map(|()| None);
    }
    let typed = ENVELOPE.read(&ask.fields)?;
    let folder = ask.fields.text("pasta").trim().to_owned();
    if folder.is_empty() {
        return Err(Refusal::Invalid(vec![("pasta", Why::Empty)]).into());
    }
    let (dir, tried) = (ask.desk.dir().to_owned(), folder.clone());
    let tried = tokio::task::spawn_blocking(move || try_folder(&dir, &tried)).await.map_err(|_| Fault::Panicked)?;
    let apart = match tried {
        Ok(apart) => apart,
        Err(trouble) => return Ok(Some(trouble)),
    };
    let envelope = match typed {
        age::Envelope::Passphrase(phrase) => {
            let name = format!("backup-{}", token::name());
            secrets::keep(ask.desk.dir(), &name, &phrase).map_err(copies::disk)?;
            Envelope::Secret(name)
        }
        age::Envelope::Recipients(keys) => Envelope::Keys(keys.iter().map(ToString::to_string).collect()),
        age::Envelope::Plain if ask.fields.ticked("sem_frase") => Envelope::Plain,
        age::Envelope::Plain => old.clone(),
    };
    let new = Copies {
        folder,
        apart,
        minute: daily::minute(ask.fields.text("hora")).unwrap_or(u16::MAX),
        keep: number(ask.fields.text("guardar")).and_then(|keep| u32::try_from(keep).ok()).unwrap_or(0),
        envelope,
        since: ask.desk.store.now(),
    };
    keep(ask, Some(new), old).await.map(|()| None)
}

/// Writes it down; of the two passphrases, the one that is not needed goes.
async fn keep(ask: &Ask<Staff>, copies: Option<Copies>, old: Envelope) -> Result<(), No> {
    let staff = ask.who.clone();
    let new = copies.as_ref().map_or(Envelope::Plain, |copies| copies.envelope.clone());
    let kept = ask.write(move |tx| agency::set_copies(tx, &staff, copies)).await;
    let (needed, needless) = if kept.is_ok() { (new, old) } else { (old, new) };
    if let Some(name) = needless.secret().filter(|name| Some(*name) != needed.secret()) {
        secrets::forget(ask.desk.dir(), name).map_err(copies::disk)?;
    }
    kept
}

/// Makes one now; the page says how it goes.
pub async fn make(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::KeepCopies)?;
    let chosen = ask.agency.copies.clone().ok_or(Refusal::NotFound)?;
    let staff = ask.who.clone();
    ask.write_soft(move |tx| audit::note(tx, &staff, Deed::Exported, true, "backup, folder")).await?;
    ask.desk.keeper.begin_copy(chosen, ask.agency.time_zone.clone());
    Ok(ask.go(&format!("{}{HERE}", paths::SYSTEM_COPIES)))
}
