//! The first start: the agency and its admin, let in by the code that was printed.

use super::answer::{self, Reply};
use super::ask::{Anyone, Ask};
use super::door::set_cookie;
use super::fields::Fields;
use super::paths;
use super::scene::Scene;
use super::ui::form::Form;
use super::ui::layout;
use crate::domain::agency::{self, Setup};
use crate::domain::session::{self, Owner};
use crate::domain::values::Language;
use crate::domain::{Answer, No, Refusal, Why, password, user};
use maud::{Markup, html};
use std::time::Instant;

/// Time zones that are offered first; any other can be typed on the command line of the settings.
pub const ZONES: [(&str, &str); 12] = [
    ("America/Sao_Paulo", "Brasília, São Paulo, Rio, Goiânia"),
    ("America/Bahia", "Salvador"),
    ("America/Fortaleza", "Fortaleza, Natal, São Luís"),
    ("America/Recife", "Recife"),
    ("America/Belem", "Belém"),
    ("America/Cuiaba", "Cuiabá"),
    ("America/Campo_Grande", "Campo Grande"),
    ("America/Manaus", "Manaus"),
    ("America/Rio_Branco", "Rio Branco"),
    ("Europe/Lisbon", "Lisboa, Porto"),
    ("Atlantic/Madeira", "Funchal"),
    ("Atlantic/Azores", "Ponta Delgada"),
];

/// Hues that are offered: azulejo, sea, leaf, lime, sun, brick, berry, violet.
pub const HUES: [u16; 8] = [255, 215, 165, 130, 75, 35, 350, 300];

/// The page.
pub async fn page(ask: Ask<Anyone>) -> Reply {
    if ask.desk.agency()?.is_some() {
        return Ok(ask.go("/"));
    }
    let values = Fields::default().with("cor", "255").with("idioma", ask.w.0.tag()).with("fuso", zone_for(ask.w.0));
    let values = values.with("codigo", ask.query.text("codigo"));
    let scene = ask.scene();
    Ok(answer::html(draw(&scene, &Form::new(&scene, &values))))
}

/// Sets up.
pub async fn set_up(ask: Ask<Anyone>) -> Reply {
    match try_set_up(&ask).await {
        Ok(secret) => {
            ask.desk.forget_setup_code();
            let mut response = ask.go("/");
            set_cookie(&mut response, ask.listener, Some(&secret), ask.by_tls());
            Ok(response)
        }
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(answer::form_again(draw(&scene, &form)))
        }
    }
}

async fn try_set_up(ask: &Ask<Anyone>) -> Answer<String> {
    let fields = &ask.fields;
    if ask.desk.attempts.begin(ask.from(), "instalacao", Instant::now()).is_err()
        || !ask.desk.is_setup_code(fields.text("codigo"))
    {
        return Err(Refusal::Invalid(vec![("codigo", Why::Wrong)]).into());
    }
    ask.desk.attempts.right(ask.from(), "instalacao");
    let (name, email, typed) =
        (fields.text("nome").to_owned(), fields.text("email").to_owned(), fields.text("senha").to_owned());
    let mut wrong = Vec::new();
    if let Err(why) = password::check(&typed, password::STAFF_CHARS_MIN, &[&name, &email, fields.text("nome_agencia")])
    {
        wrong.push(("senha", why));
    }
    if let Err(why) = crate::domain::values::email(&email) {
        wrong.push(("email", why));
    }
    for field in ["nome_agencia", "nome"] {
        if fields.text(field).trim().is_empty() {
            wrong.push((field, Why::Empty));
        }
    }
    if !wrong.is_empty() {
        return Err(Refusal::Invalid(wrong).into());
    }
    let hashed = ask.desk.hash(typed, None).await?;
    let setup = Setup {
        name: fields.text("nome_agencia").to_owned(),
        hue: fields.text("cor").parse().unwrap_or(255),
        language: Language::of(fields.text("idioma"))
            .map_err(|why| No::from(Refusal::Invalid(vec![("idioma", why)])))?,
        time_zone: fields.text("fuso").to_owned(),
        user_name: name,
        user_email: email,
        password: hashed,
    };
    let (browser, from) = (ask.browser(), ask.address());
    ask.desk
        .store
        .write(move |tx| {
            let admin = agency::set_up(tx, &setup)?;
            user::logged_in(tx, admin, &setup.password)?;
            let owner = Owner::User(admin);
            session::begin(tx, session::New { owner, browser, from, language: None, opened_by: None })
        })
        .await
}

fn zone_for(language: Language) -> &'static str {
    if language == Language::PtPt { "Europe/Lisbon" } else { "America/Sao_Paulo" }
}

fn draw(scene: &Scene, form: &Form<'_>) -> Markup {
    let w = scene.w;
    layout::outside(
        scene,
        w.setup_title(),
        html! {
            h1 { (w.setup_title()) }
            p.gate-text { (w.setup_text()) }
            form method="post" action=(paths::SETUP) novalidate {
                (form.head())
                (form.line("text", "codigo", w.setup_code(), "one-time-code", w.setup_code_hint()))
                fieldset {
                    legend { (w.agency()) }
                    (form.line("text", "nome_agencia", w.agency_name(), "organization", ""))
                    (hues(scene, form))
                    div.two { (form.select("idioma", w.language(), &languages(scene))) (form.select("fuso", w.time_zone(), &zones(form.value("fuso")))) }
                }
                fieldset {
                    legend { (w.your_account()) }
                    (form.line("text", "nome", w.your_name(), "name", ""))
                    (form.line("email", "email", w.email(), "username", ""))
                    (form.password("senha", w.password(), "new-password", false, &w.password_hint(password::STAFF_CHARS_MIN)))
                }
                button.button.main.wide type="submit" { (w.begin()) }
            }
        },
    )
}

/// The choice of a colour: a row of round buttons.
pub fn hues(scene: &Scene, form: &Form<'_>) -> Markup {
    let chosen: u16 = form.value("cor").parse().unwrap_or(255);
    html! {
        fieldset.hues {
            legend { (scene.w.colour()) }
            div.hue-row {
                @for hue in HUES {
                    label { input type="radio" name="cor" value=(hue) checked[chosen == hue]; span class={ "swatch s" (hue) } {} span.unseen { (scene.w.colour_name(hue)) } }
                }
            }
        }
    }
}

/// The languages, each in its own words.
pub fn languages(scene: &Scene) -> Vec<(String, String)> {
    Language::ALL
        .into_iter()
        .map(|language| (language.tag().to_owned(), scene.w.language_name(language).to_owned()))
        .collect()
}

/// The time zones on offer, and the one in use if it is another.
pub fn zones(current: &str) -> Vec<(String, String)> {
    let mut zones: Vec<(String, String)> =
        ZONES.iter().map(|(zone, places)| ((*zone).to_owned(), (*places).to_owned())).collect();
    if !current.is_empty() && !ZONES.iter().any(|(zone, _)| *zone == current) {
        zones.push((current.to_owned(), current.to_owned()));
    }
    zones
}
