//! Usuários online: who is in the house, at which extension (P3, P4), and the day's record of it.

pub mod coming;
pub mod settings;
pub mod view;
pub mod wall;

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::Fields;
use super::inbox::{self, actions};
use super::paths;
use super::scene::Scene;
use super::ui::form::{self, Form};
use super::ui::layout::{self, Live, Place};
use crate::domain::access::Act;
use crate::domain::ids::*;
use crate::domain::presence::{self, Board, Presence, Reach, Taker};
use crate::domain::{Answer, Refusal, Staff, Why, agency, user};
use crate::store::{Look, Snapshot};
use crate::words::Words;
use maud::{Markup, html};

/// Fields of the address by which the list says what became of somebody who was in already.
const MOVED: &str = "mudou";
const SAME: &str = "estava";

/// What the screen shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// A day that is over; none for today, also when today becomes yesterday.
    pub day: Option<String>,
    /// Letters of a name.
    pub letters: String,
}

impl Shown {
    /// Reads it from an address; what is no day is today.
    pub fn read(query: &Fields) -> Self {
        let day = query.text("dia");
        Self {
            day: presence::is_day(day).then(|| day.to_owned()),
            letters: query.text("nome").trim().chars().take(user::NAME_CHARS_MAX).collect(),
        }
    }

    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(day) = &self.day {
            query.append_pair("dia", day);
        }
        if !self.letters.is_empty() {
            query.append_pair("nome", &self.letters);
        }
        query.finish()
    }

    /// The board it shows.
    pub fn board(&self, look: &impl Look, now: i64) -> Answer<Board> {
        presence::board(look, self.day.as_deref(), &self.letters, now)
    }

    fn live(&self, look: &Snapshot, screen: &str) -> Answer<Live> {
        let address = format!("{}?tela={screen}&{}", paths::LIVE, self.query());
        Ok(Live { address, seq: look.reached()? })
    }
}

/// The register of today, or of a day before.
pub async fn index(ask: Ask<Staff>) -> Reply {
    let look = ask.desk.look()?;
    let scene = ask.scene();
    let mut shown = Shown::read(&ask.query);
    shown.day = shown.day.filter(|day| *day != scene.clock.date_key(scene.now));
    let board = shown.board(&look, scene.now)?;
    let live = shown.live(&look, "presenca")?;
    if ask.fragment() {
        return Ok(answer::filtered(view::board(&scene, &ask.who, &board), &live.address, live.seq));
    }
    let head = view::head(&scene, &ask.who, &board);
    let body = html! {
        @if let Some(said) = was_in(&ask, &scene, &board) { p.saved role="status" { (said) } }
        (view::tools(&scene, &shown, &board))
        div #presenca { (view::board(&scene, &ask.who, &board)) }
    };
    let unread = inbox::unread(&look, &ask.who)?;
    let title = scene.w.presence();
    Ok(answer::html(layout::office_column(&scene, Place::Presence, unread, Some(&live), head, title, body)))
}

/// What recording an entry did for somebody who was in already. The address names the stay; what is said of it is what
/// stands there.
fn was_in(ask: &Ask<Staff>, scene: &Scene, board: &Board) -> Option<String> {
    let named = |field| ask.query.number(field).map(PresenceId);
    let moved = named(MOVED);
    let id = moved.or(named(SAME))?;
    let line = board.here.iter().find(|line| line.stay.id == id)?;
    let (name, now) = (&line.name, &line.stay.extension);
    match moved {
        Some(_) => Some(scene.w.was_in_moved(name, &line.stay.moves.last()?.from, now)),
        None => Some(scene.w.was_in(name, now)),
    }
}

/// A day as a table for spreadsheets. That it was taken away is noted, once a minute for each day somebody takes.
pub async fn csv(ask: Ask<Staff>) -> Reply {
    let scene = ask.scene();
    let shown = Shown { letters: String::new(), ..Shown::read(&ask.query) };
    let board = shown.board(&ask.desk.look()?, scene.now)?;
    if !board.stays.is_empty() && ask.desk.lately.first(ask.who.id, &board.day) {
        let (staff, day) = (ask.who.clone(), board.day.clone());
        ask.write_soft(move |tx| presence::exported(tx, &staff, &day)).await?;
    }
    let name = format!("{}-{}", paths::PRESENCE.trim_start_matches('/'), board.day);
    Ok(view::table(&scene, &board).file(&name))
}

/// P4: "Registrar usuário"; oneself, where one may not for others.
pub async fn new(ask: Ask<Staff>) -> Reply {
    let look = ask.desk.look()?;
    presence::kept(&look)?;
    let scene = ask.scene();
    let whom = ask.query.number("usuario").map_or(ask.who.id, UserId);
    let asked = ask.query.get("usuario").is_some() || !ask.who.may(Act::RegisterOthers);
    let values = match asked {
        true => {
            Fields::default().with("usuario", whom.to_string()).with("ramal", presence::last_extension(&look, whom)?)
        }
        false => Fields::default(),
    };
    let sheet = new_sheet(&look, &ask, &scene, &Form::new(&scene, &values).with_cancel())?;
    Ok(actions::in_dialog(&ask, &scene, Place::Presence, scene.w.register_user(), sheet))
}

/// Records it.
pub async fn create(ask: Ask<Staff>) -> Reply {
    let (staff, fields) = (ask.who.clone(), ask.fields.clone());
    let whom = match fields.get("usuario") {
        None => Some(ask.who.id),
        Some(_) => fields.number("usuario").map(UserId),
    };
    let done = ask.write(move |tx| {
        presence::kept(tx)?;
        let whom = whom.ok_or(Refusal::Invalid(vec![("usuario", Why::NotAChoice)]))?;
        presence::enter(tx, &staff, whom, fields.text("ramal"))
    });
    let done = done.await.map(|entered| match entered.moved {
        None => paths::PRESENCE.to_owned(),
        Some(moved) => format!("{}?{}={}", paths::PRESENCE, if moved { MOVED } else { SAME }, entered.stay),
    });
    finish(&ask, done, |look, scene, form| Ok((scene.w.register_user(), new_sheet(look, &ask, scene, form)?)))
}

fn new_sheet(look: &impl Look, ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let mut people = vec![(String::new(), w.choose().to_owned())];
    for taker in presence::takers(look, scene.now)? {
        people.push((taker.id.to_string(), choice(scene, &taker)));
    }
    let body = html! {
        @if ask.who.may(Act::RegisterOthers) { (form.select("usuario", w.user(), &people)) }
        (form.line("text", "ramal", w.extension(), "off", ""))
    };
    Ok(form::frame(scene, w.register_user(), paths::PRESENCE, form, body, w.save()))
}

/// The form of another extension.
pub async fn moving(ask: Ask<Staff>) -> Reply {
    let (stay, name) = stay(&ask)?;
    let scene = ask.scene();
    let values = Fields::default().with("ramal", stay.extension.clone());
    let sheet = move_sheet(&scene, &stay, &name, &Form::new(&scene, &values).with_cancel());
    Ok(actions::in_dialog(&ask, &scene, Place::Presence, scene.w.change_extension(), sheet))
}

/// Changes it.
pub async fn shift(ask: Ask<Staff>) -> Reply {
    let (stay, name) = stay(&ask)?;
    let (staff, id, extension) = (ask.who.clone(), stay.id, ask.fields.text("ramal").to_owned());
    let done = ask.write(move |tx| presence::move_to(tx, &staff, id, &extension)).await;
    finish(&ask, done.map(to_list), |_, scene, form| {
        Ok((scene.w.change_extension(), move_sheet(scene, &stay, &name, form)))
    })
}

fn move_sheet(scene: &Scene, stay: &Presence, name: &str, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let body = html! { p.whom { b { (name) } } (form.line("text", "ramal", w.extension(), "off", "")) };
    form::frame(scene, w.change_extension(), &paths::stay(stay.id, "ramal"), form, body, w.save())
}

/// P4: the form of somebody's exit.
pub async fn leaving(ask: Ask<Staff>) -> Reply {
    let (stay, name) = stay(&ask)?;
    let scene = ask.scene();
    let values = Fields::default().with("ramal", stay.extension.clone());
    let sheet = exit_sheet(&ask, &scene, &stay, &name, &Form::new(&scene, &values).with_cancel());
    Ok(actions::in_dialog(&ask, &scene, Place::Presence, scene.w.register_exit(), sheet))
}

/// Records it.
pub async fn leave(ask: Ask<Staff>) -> Reply {
    let (stay, name) = stay(&ask)?;
    let (staff, id, fields) = (ask.who.clone(), stay.id, ask.fields.clone());
    let done = ask.write(move |tx| presence::leave(tx, &staff, id, fields.text("ramal"), fields.text("motivo")));
    finish(&ask, done.await.map(to_list), |_, scene, form| {
        Ok((scene.w.register_exit(), exit_sheet(&ask, scene, &stay, &name, form)))
    })
}

fn exit_sheet(ask: &Ask<Staff>, scene: &Scene, stay: &Presence, name: &str, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let body = html! { p.whom { b { (name) } } (exit_fields(scene, &ask.agency, form)) };
    form::frame(scene, w.register_exit(), &paths::stay(stay.id, "saida"), form, body, w.save())
}

/// P2: the extension and the reason.
fn exit_fields(scene: &Scene, agency: &agency::Agency, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let mut reasons = vec![(String::new(), w.choose().to_owned())];
    reasons.extend(agency.register.reasons.iter().map(|reason| (reason.clone(), reason.clone())));
    html! {
        (form.line("text", "ramal", w.extension(), "off", ""))
        @if !agency.register.reasons.is_empty() { (form.select("motivo", w.absence_reason(), &reasons)) }
    }
}

/// The stay that is asked for, if this member of staff may change it, and whose it is.
fn stay(ask: &Ask<Staff>) -> Answer<(Presence, String)> {
    let look = ask.desk.look()?;
    let stay = presence::changeable(&look, &ask.who, ask.id()?)?;
    let name = super::thread::user_name(&look, stay.user)?;
    Ok((stay, name))
}

fn to_list(_: ()) -> String {
    paths::PRESENCE.to_owned()
}

/// On to this address, or the form again with what is wrong.
fn finish(
    ask: &Ask<Staff>,
    done: Answer<String>,
    again: impl FnOnce(&Snapshot, &Scene, &Form<'_>) -> Answer<(&'static str, Markup)>,
) -> Reply {
    let no = match done {
        Ok(to) => return Ok(ask.go(&to)),
        Err(no) => no,
    };
    let scene = ask.scene();
    let form = Form::refused(&scene, &ask.fields, no)?.with_cancel();
    let (title, sheet) = again(&ask.desk.look()?, &scene, &form)?;
    Ok(actions::form_again(ask, &scene, Place::Presence, title, sheet))
}

/// P6: somebody in a list of those who can be given work.
pub fn choice(scene: &Scene, taker: &Taker) -> String {
    match how(scene, &taker.reach) {
        Some(how) => format!("{} · {how}", taker.name),
        None => taker.name.clone(),
    }
}

/// How somebody is reached, in few words: `ramal 204`, `Almoço, 12:05`.
fn how(scene: &Scene, reach: &Reach) -> Option<String> {
    let w = scene.w;
    match reach {
        Reach::Unknown => None,
        Reach::Here { extension } => Some(w.extension_at(extension)),
        Reach::Gone { at, reason } => Some(w.left_at(reason_or(w, reason), &scene.clock.time(*at))),
        Reach::Absent => Some(w.who_is_absent().to_lowercase()),
    }
}

fn reason_or(w: Words, reason: &str) -> &str {
    if reason.is_empty() { w.left() } else { reason }
}

/// P6: a sentence about somebody who was given work and is not in.
pub fn out(scene: &Scene, taker: &Taker) -> Option<String> {
    match &taker.reach {
        Reach::Unknown | Reach::Here { .. } => None,
        Reach::Absent => Some(scene.w.reach_absent(&taker.name)),
        gone @ Reach::Gone { .. } => Some(scene.w.reach_gone(&taker.name, &how(scene, gone)?)),
    }
}
