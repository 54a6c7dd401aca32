//! Every brick in every state, on one page, for whoever works on the looks. Only in the demonstration.

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::Fields;
use super::scene::Scene;
use super::ui::bits;
use super::ui::bubble::{self, Bubble, Mark, Shape};
use super::ui::composer::{self, Composer};
use super::ui::form::Form;
use super::ui::icon::icon;
use super::ui::layout::{self, Place};
use super::ui::stream;
use crate::domain::attachment::Attachment;
use crate::domain::delivery::State as Mail;
use crate::domain::ids::AttachmentId;
use crate::domain::{Refusal, Staff, Why};
use maud::{Markup, html};

/// The page.
pub async fn page(ask: Ask<Staff>) -> Reply {
    if !ask.desk.demo {
        return Err(Refusal::NotFound.into());
    }
    let scene = ask.scene();
    let body = html! {
        (part("Botões", buttons()))
        (part("Marcas", marks(&scene)))
        (part("Mensagens", bubbles(&scene)))
        (part("Escrever", writing(&scene)))
        (part("Formulários", forms(&scene)))
        (part("Estados", states(&scene)))
    };
    Ok(answer::html(layout::office_column(&scene, Place::Elsewhere, 3, None, html! {}, scene.w.gallery(), body)))
}

fn part(title: &str, content: Markup) -> Markup {
    html! { section.card.gallery-part { h2 { (title) } (content) } }
}

fn buttons() -> Markup {
    html! {
        div.gallery-row {
            button.button.main { "Assumir" } button.button { "Salvar" } button.button.danger { "Revogar" }
            button.button disabled { "Reenviar acesso" } button.icon aria-label="Emoji" { (icon("emoji")) }
            button.button.main aria-busy="true" { "Enviar" }
        }
    }
}

fn marks(scene: &Scene) -> Markup {
    html! {
        div.gallery-row {
            @for name in ["Antônio Moura", "Beatriz Lemos", "Cartório do 2º Ofício", "Ana"] { (bits::avatar(name)) }
            (bits::count(1, false)) (bits::count(14, true)) (bits::count(2_000, false))
            @for word in ["avaliação", "urgente", "locação"] { (bits::tag(word)) }
            @for (tone, word) in [("good", "Enviado"), ("warn", "Na fila"), ("bad", "Falhou"), ("calm", "Salvo")] { (bits::status(tone, word)) }
        }
        (bits::facts(&[(scene.w.phone(), html! { "(62) 99877-4039" }), (scene.w.email(), html! { "antonio.moura@exemplo.com.br" })]))
    }
}

fn sample(k: u64, shape: Shape, text: &str) -> Bubble {
    Bubble {
        dom: format!("g-{k}"),
        k,
        shape,
        who: "Antônio Moura".into(),
        first: true,
        day: None,
        text: text.into(),
        files: Vec::new(),
        time: "09:41".into(),
        machine: "2026-06-07T09:41:00-03:00".into(),
        mark: None,
        mail: None,
        token: None,
    }
}

fn document() -> Attachment {
    Attachment {
        id: AttachmentId(1),
        token: "exemplo".into(),
        name: "Autorização de acesso ao condomínio Residencial das Palmeiras.pdf".into(),
        kind: "pdf".into(),
        hash: String::new(),
        bytes: 184_000,
        preview: None,
        owner: String::new(),
        at: 0,
        entry: None,
    }
}

fn bubbles(scene: &Scene) -> Markup {
    let long = "Bom dia. ".repeat(90);
    let word = "Inconstitucionalissimamente".repeat(8);
    let all = [
        Bubble {
            day: Some((scene.clock.day_said(scene.now), scene.clock.date_key(scene.now))),
            ..sample(1, Shape::Theirs, "Bom dia, Beatriz. Recebi, obrigado.")
        },
        Bubble { first: false, ..sample(2, Shape::Theirs, "Passo no imóvel na quinta, por volta das 14 horas.") },
        Bubble { mark: Some(Mark::Sent), who: String::new(), ..sample(3, Shape::Mine, "Perfeito, combinado. 🙂") },
        Bubble {
            mark: Some(Mark::Read),
            who: String::new(),
            files: vec![document()],
            first: false,
            ..sample(4, Shape::Mine, "Segue a autorização: https://exemplo.com.br/autorizacao")
        },
        sample(5, Shape::Note, "Perito pediu a matrícula atualizada."),
        sample(6, Shape::Event, "Beatriz assumiu a conversa"),
        Bubble {
            mail: Some((Mail::Queued, String::new())),
            ..sample(7, Shape::Event, "E-mail para antonio@exemplo.com.br")
        },
        Bubble {
            mail: Some((Mail::Sent, "250 ok".into())),
            ..sample(8, Shape::Event, "E-mail para antonio@exemplo.com.br")
        },
        Bubble {
            mail: Some((Mail::Failed, "550 5.1.1 User unknown".into())),
            ..sample(9, Shape::Event, "E-mail para antonio@exemplo.com.br")
        },
        sample(10, Shape::Theirs, &long),
        sample(11, Shape::Theirs, &word),
    ];
    html! { div.stream { @for one in &all { (bubble::entry(scene, one)) } (stream::typing(scene, "Antônio")) } }
}

fn writing(scene: &Scene) -> Markup {
    composer::composer(
        scene,
        &Composer { action: "/galeria", token: String::new(), notes: true, mail: Some(scene.w.mail_too()), text: "" },
    )
}

fn forms(scene: &Scene) -> Markup {
    let values = Fields::default().with("nome", "Sofia Pedro").with("email", "sofia").with("como", "papel");
    let form = Form::new(scene, &values).with_wrong("email", Why::NotAnEmail);
    html! {
        div.narrow {
            (form.text("nome", scene.w.name()))
            (form.line("email", "email", scene.w.email(), "off", ""))
            (form.password("senha", scene.w.password(), "off", true, &scene.w.password_hint(8)))
            (form.ways("como", scene.w.how_they_come_in(), &super::users::ways(scene, scene.w.send_link())))
            (form.tick("enviar", scene.w.mail_access(), Some(scene.w.mail_off())))
            p.refusal { (scene.w.login_wrong()) }
        }
    }
}

fn states(scene: &Scene) -> Markup {
    html! {
        (bits::empty("chat", scene.w.queue_empty(), None))
        (bits::notice("good", scene.w.saved())) (bits::notice("bad", scene.w.say_failed()))
        p.offline { (icon("warn")) (scene.w.offline()) }
        p.offline { (icon("warn")) (scene.w.disk_is_full()) } p.offline { (icon("warn")) (scene.w.disk_failing()) }
        p.offline { (icon("warn")) (scene.w.pausing()) }
        div.chips { div.chip { (icon("file")) span.grow { span { "Planta baixa.pdf" } progress max="1" value="0.4" {} } button.icon aria-label=(scene.w.remove_file()) { (icon("close")) } } }
    }
}
