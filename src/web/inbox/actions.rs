//! What one does with a conversation: say, take, transfer, close, open again, begin (Q3, Q4, Q8, Q9).

use crate::domain::conversation::{self, Draft, New};
use crate::domain::ids::*;
use crate::domain::{No, Refusal, Staff, Viewer, Why, presence, reason};
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::contacts::picker::{self, Picked};
use crate::web::fields::Fields;
use crate::web::paths;
use crate::web::presence::choice;
use crate::web::scene::Scene;
use crate::web::thread;
use crate::web::ui::form::{self, Form};
use crate::web::ui::layout::{self, Place};
use maud::{Markup, html};

/// What a form of a message says.
pub fn draft(fields: &Fields) -> Draft {
    Draft {
        text: fields.text("texto").to_owned(),
        files: fields.all("arquivo"),
        token: fields.get("token").filter(|token| !token.is_empty() && token.len() <= 64).map(str::to_owned),
        internal: fields.text("modo") == "anotacao",
        mail: fields.ticked("email"),
    }
}

/// Says something; the answer is the entry itself.
pub async fn say(ask: Ask<Staff>) -> Reply {
    let id: ConversationId = ask.id()?;
    let viewer = Viewer::Staff(ask.who.clone());
    let (by, what) = (viewer.clone(), draft(&ask.fields));
    let said = ask.write(move |tx| conversation::say(tx, &by, id, &what)).await?;
    if !ask.fragment() {
        return Ok(ask.go(&paths::conversation(id)));
    }
    Ok(answer::html(thread::said(&ask.desk.look()?, &ask.scene(), &viewer, &said)?))
}

/// Q4: "Assumir".
pub async fn take(ask: Ask<Staff>) -> Reply {
    let id: ConversationId = ask.id()?;
    let staff = ask.who.clone();
    ask.write(move |tx| conversation::take(tx, &staff, id)).await?;
    Ok(ask.go(&paths::conversation(id)))
}

/// Q8: choosing another name transfers it; choosing the queue gives it back.
pub async fn set_responsible(ask: Ask<Staff>) -> Reply {
    let id: ConversationId = ask.id()?;
    let staff = ask.who.clone();
    let to = ask.fields.text("responsavel").to_owned();
    let seer = ask.who.clone();
    ask.write(move |tx| match to.as_str() {
        "fila" => conversation::give_back(tx, &staff, id),
        other => {
            let to =
                crate::web::fields::number(other).ok_or(Refusal::Invalid(vec![("responsavel", Why::NotAChoice)]))?;
            conversation::transfer(tx, &staff, id, UserId(to))
        }
    })
    .await?;
    // Whoever gave it away may not see it any more: back to the list then.
    let still = conversation::visible_to_staff(&ask.desk.look()?, &seer, id).is_ok();
    let to = if still { paths::conversation(id) } else { paths::handed_over(ask.fields.text("responsavel")) };
    if ask.fragment() && still { Ok(answer::ops(&[])) } else { Ok(ask.go(&to)) }
}

/// Q8: Motivo.
pub async fn set_reason(ask: Ask<Staff>) -> Reply {
    let id: ConversationId = ask.id()?;
    let staff = ask.who.clone();
    let reason = ask.fields.number("motivo").ok_or(Refusal::Invalid(vec![("motivo", Why::NotAChoice)]))?;
    ask.write(move |tx| conversation::set_reason(tx, &staff, id, ReasonId(reason))).await?;
    if ask.fragment() { Ok(answer::ops(&[])) } else { Ok(ask.go(&paths::conversation(id))) }
}

/// Q9: the question before closing: why had the contact called?
pub async fn closing(ask: Ask<Staff>) -> Reply {
    let id: ConversationId = ask.id()?;
    let look = ask.desk.look()?;
    let c = conversation::visible_to_staff(&look, &ask.who, id)?;
    let values = Fields::default().with("motivo", c.reason.map_or(String::new(), |reason| reason.to_string()));
    let scene = ask.scene();
    let form = Form::new(&scene, &values).with_cancel();
    let sheet = closing_sheet(&look, &ask, &scene, id, &form)?;
    Ok(in_dialog(&ask, &scene, Place::Conversations, scene.w.close_conversation(), sheet))
}

/// Q9: closes it.
pub async fn close(ask: Ask<Staff>) -> Reply {
    let id: ConversationId = ask.id()?;
    let staff = ask.who.clone();
    let reason = ask.fields.number("motivo").map(ReasonId);
    // A form that shows the choice and has nothing chosen is not the same as one that does not ask.
    let unchosen = ask.fields.get("motivo").is_some() && reason.is_none();
    let closed = match unchosen {
        true => Err(Refusal::ReasonMissing.into()),
        false => ask.write(move |tx| conversation::close(tx, &staff, id, reason)).await,
    };
    match closed {
        Ok(()) => Ok(ask.go(&paths::conversation(id))),
        Err(No::Refused(Refusal::ReasonMissing | Refusal::Invalid(_))) => {
            let scene = ask.scene();
            let form = Form::new(&scene, &ask.fields).with_wrong("motivo", Why::Empty).with_cancel();
            Ok(answer::form_again(closing_sheet(&ask.desk.look()?, &ask, &scene, id, &form)?))
        }
        Err(no) => Err(no),
    }
}

fn closing_sheet(
    look: &impl crate::store::Look,
    ask: &Ask<Staff>,
    scene: &Scene,
    id: ConversationId,
    form: &Form<'_>,
) -> Result<Markup, No> {
    let w = scene.w;
    let read = conversation::visible_to_staff(look, &ask.who, id)?.channel == conversation::PORTAL;
    let mut choices = vec![(String::new(), w.choose().to_owned())];
    choices.extend(reason::all(look)?.into_iter().filter(|one| one.active).map(|one| (one.id.to_string(), one.name)));
    let says = ask.agency.closing_message.trim();
    Ok(form::frame(
        scene,
        w.close_conversation(),
        &paths::of_conversation(id, "encerramento"),
        form,
        html! {
            (form.select("motivo", w.reason(), &choices))
            @if read && !says.is_empty() { p.hint { (w.closing_says()) } blockquote.quote { (says) } }
        },
        w.close_conversation(),
    ))
}

/// Opens a closed one again.
pub async fn reopen(ask: Ask<Staff>) -> Reply {
    let id: ConversationId = ask.id()?;
    let staff = ask.who.clone();
    ask.write(move |tx| conversation::reopen(tx, &staff, id)).await?;
    Ok(ask.go(&paths::conversation(id)))
}

/// Q3: the form of a new conversation.
pub async fn new(ask: Ask<Staff>) -> Reply {
    let scene = ask.scene();
    let contact = ask.query.number("contato").map(ContactId);
    let values = Fields::default().with("responsavel", "eu").with("canal", conversation::COUNTER);
    let values = picker::with_chosen(&ask.desk.look()?, values, &picker::CALLER, contact)?;
    let sheet = new_sheet(&ask, &scene, &Form::new(&scene, &values))?;
    Ok(in_dialog(&ask, &scene, Place::Conversations, scene.w.new_conversation(), sheet))
}

/// Q3: begins it, with its first message, in one write.
pub async fn create(ask: Ask<Staff>) -> Reply {
    match begin(&ask).await {
        Ok(id) => Ok(ask.go(&paths::conversation(id))),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            let sheet = new_sheet(&ask, &scene, &form)?;
            Ok(form_again(&ask, &scene, Place::Conversations, scene.w.new_conversation(), sheet))
        }
    }
}

async fn begin(ask: &Ask<Staff>) -> Result<ConversationId, No> {
    let fields = &ask.fields;
    let staff = ask.who.clone();
    let picked = Picked::read(fields, &picker::CALLER);
    let responsible = match fields.text("responsavel") {
        "eu" => Some(staff.id),
        "fila" => None,
        other => Some(UserId(
            crate::web::fields::number(other).ok_or(Refusal::Invalid(vec![("responsavel", Why::NotAChoice)]))?,
        )),
    };
    let department = fields.number("setor").map(DepartmentId);
    let first = Draft { internal: true, mail: false, ..draft(fields) };
    ask.write(move |tx| {
        if let Some(id) = conversation::already_said(tx, &staff, first.token.as_deref())? {
            return Ok(id);
        }
        let contact = picked.contact(tx, &staff)?;
        let new = New { contact, opportunity: None, channel: conversation::COUNTER, department, responsible };
        let id = conversation::begin(tx, &staff, &new)?;
        conversation::say(tx, &Viewer::Staff(staff.clone()), id, &first)?;
        Ok(id)
    })
    .await
}

fn new_sheet(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Result<Markup, No> {
    let w = scene.w;
    let look = ask.desk.look()?;
    let mut people = vec![("eu".to_owned(), w.me().to_owned()), ("fila".to_owned(), w.nobody_queue().to_owned())];
    let others = presence::takers(&look, scene.now)?.into_iter().filter(|taker| taker.id != ask.who.id);
    people.extend(others.map(|taker| (taker.id.to_string(), choice(scene, &taker))));
    let mut departments = vec![(String::new(), w.none().to_owned())];
    departments.extend(
        reason::departments(&look)?.into_iter().filter(|one| one.active).map(|one| (one.id.to_string(), one.name)),
    );
    Ok(form::frame(
        scene,
        w.new_conversation(),
        paths::CONVERSATIONS,
        form,
        html! {
            p.hint { (w.new_conversation_hint()) }
            (picker::field(&look, scene, form, &picker::CALLER, w.contact())?)
            div.two { (form.select("setor", w.department(), &departments)) (form.select("responsavel", w.responsible(), &people)) }
            input type="hidden" name="token" value=(if form.value("token").is_empty() { crate::domain::token::name() } else { form.value("token").to_owned() });
            (form.area("texto", w.what_it_is_about(), 4, ""))
        },
        w.confirm(),
    ))
}

/// A sheet in the page's dialog, or on a page of its own.
pub fn in_dialog(ask: &Ask<Staff>, scene: &Scene, place: Place, title: &str, sheet: Markup) -> poem::Response {
    answer::html(if ask.fragment() { sheet } else { layout::sheet_page(scene, place, title, sheet) })
}

/// The same after a refusal.
pub fn form_again(ask: &Ask<Staff>, scene: &Scene, place: Place, title: &str, sheet: Markup) -> poem::Response {
    answer::form_again(if ask.fragment() { sheet } else { layout::sheet_page(scene, place, title, sheet) })
}
