//! Every address of each front door. Nothing of the office can be reached from the public one: its table does not
//! know the office's handlers.

use super::answer::status_page;
use super::ask::Listener;
use super::desk::Desk;
use super::door::{self, Doors};
use super::guard::{Allowance, Guard, Rules};
use super::listener::Pace;
use super::tls_only::TlsOnly;
use super::{
    access, certificate, contacts, files, find, gallery, inbox, invited, live, login, opportunities, paths, portal,
    presence, profile, second_factor, second_step, sessions, setup, statics, system, users,
};
use inbox::actions;
use poem::{Endpoint, EndpointExt, Request, Response, Route, get, post};
use std::sync::Arc;
use std::time::Duration;

/// The office network.
pub fn staff(desk: Arc<Desk>) -> impl Endpoint<Output = Response> {
    let d = Doors { desk, listener: Listener::Staff };
    let routes = shared(&d)
        .at("/", get(d.to(inbox::index)))
        .at(paths::LOGOUT, get(d.to(presence::coming::leaving)).post(d.to(login::leave)))
        .at(paths::SETUP, get(d.to(setup::page)).post(d.to(setup::set_up)))
        .at("/conversas", get(d.to(inbox::index)).post(d.to(actions::create)))
        .at("/conversas/nova", get(d.to(actions::new)))
        .at("/conversas/:id", get(d.to(inbox::open)))
        .at("/conversas/:id/mensagens", post(d.to(actions::say)))
        .at("/conversas/:id/entradas", get(d.to(inbox::older)))
        .at("/conversas/:id/documentos", get(d.to(inbox::documents::show)))
        .at("/conversas/:id/atendente", post(d.to(actions::take)))
        .at("/conversas/:id/responsavel", post(d.to(actions::set_responsible)))
        .at("/conversas/:id/motivo", post(d.to(actions::set_reason)))
        .at("/conversas/:id/encerramento", get(d.to(actions::closing)).post(d.to(actions::close)))
        .at("/conversas/:id/reabertura", post(d.to(actions::reopen)))
        .at(paths::FIND, get(d.to(find::page)))
        .at("/oportunidades", get(d.to(opportunities::index)).post(d.to(opportunities::form::create)))
        .at("/oportunidades/nova", get(d.to(opportunities::form::new)))
        .at("/oportunidades/:id", get(d.to(opportunities::open)).post(d.to(opportunities::form::change)))
        .at("/oportunidades/:id/edicao", get(d.to(opportunities::form::edit)))
        .at("/oportunidades/:id/situacao", post(d.to(opportunities::set)))
        .at("/oportunidades/:id/acessos", get(d.to(access::manage)).post(d.to(access::create)))
        .at("/oportunidades/:id/acessos/novo", get(d.to(access::new)))
        .at("/oportunidades/:id/acessos/link", get(d.to(access::link)))
        .at("/acessos/:id", post(d.to(access::change)))
        .at("/acessos/:id/edicao", get(d.to(access::edit)))
        .at("/acessos/:id/senha", get(d.to(access::password_form)).post(d.to(access::renew)))
        .at("/acessos/:id/reenvio", post(d.to(access::resend)))
        .at("/acessos/:id/revogacao", get(d.to(access::revoking)).post(d.to(access::revoke)))
        .at("/contatos", get(d.to(contacts::index)).post(d.to(contacts::create)))
        .at(paths::CONTACT_SUGGESTIONS, get(d.to(contacts::picker::suggestions)))
        .at("/contatos/novo", get(d.to(contacts::new)))
        .at("/contatos/:id", get(d.to(contacts::open)).post(d.to(contacts::change)))
        .at("/contatos/:id/edicao", get(d.to(contacts::edit)))
        .at(paths::PRESENCE, get(d.to(presence::index)).post(d.to(presence::create)))
        .at(paths::PRESENCE_NEW, get(d.to(presence::new)))
        .at(paths::PRESENCE_WALL, get(d.to(presence::wall::show)))
        .at(paths::PRESENCE_CSV, get(d.to(presence::csv)))
        .at(paths::CHECK_IN, get(d.to(presence::coming::page)).post(d.to(presence::coming::enter)))
        .at("/usuarios-online/:id/ramal", get(d.to(presence::moving)).post(d.to(presence::shift)))
        .at("/usuarios-online/:id/saida", get(d.to(presence::leaving)).post(d.to(presence::leave)))
        .at("/perfil", get(d.to(profile::page)))
        .at(paths::SECOND_FACTOR, get(d.to(second_factor::page)).post(d.to(second_factor::begin)))
        .at(paths::SECOND_FACTOR_CONFIRM, post(d.to(second_factor::confirm)))
        .at(paths::SECOND_FACTOR_CODES, post(d.to(second_factor::renew_codes)))
        .at(paths::SECOND_FACTOR_OFF, post(d.to(second_factor::switch_off)))
        .at(paths::LOGIN_STEP, get(d.to(second_step::page)).post(d.to(second_step::enter)))
        .at("/perfil/senha", post(d.to(profile::set_password)))
        .at("/sessoes/encerramento", post(d.to(sessions::end_others)))
        .at("/sessoes/:id/encerramento", post(d.to(sessions::end)))
        .at("/idioma", post(d.to(profile::set_language)))
        .at(paths::CERTIFICATE, get(d.to(certificate::page)))
        .at(paths::CERTIFICATE_FILE, get(d.to(certificate::file)))
        .at("/convite/:segredo", get(d.to(invited::page)).post(d.to(invited::set)))
        .at("/galeria", get(d.to(gallery::page)));
    guarded(elsewhere(system_routes(routes, &d), &d), &d)
}

fn system_routes(routes: Route, d: &Doors) -> Route {
    routes
        .at("/sistema", get(d.to(system::index)))
        .at("/sistema/agencia", get(d.to(system::agency)).post(d.to(system::save_agency)))
        .at("/sistema/agencia/logotipo", post(d.to(system::save_logo)))
        .at("/sistema/chat-externo", get(d.to(system::chat)).post(d.to(system::save_chat)))
        .at("/sistema/motivos", get(d.to(system::reasons)).post(d.to(system::add_reason)))
        .at("/sistema/motivos/:id", post(d.to(system::offer_reason)))
        .at("/sistema/setores", get(d.to(system::departments)).post(d.to(system::add_department)))
        .at("/sistema/setores/:id", post(d.to(system::offer_department)))
        .at("/sistema/encerramento", get(d.to(system::closing)).post(d.to(system::save_closing)))
        .at("/sistema/email", get(d.to(system::mail::show)).post(d.to(system::mail::save)))
        .at("/sistema/https", get(d.to(system::https::show)).post(d.to(system::https::office)))
        .at("/sistema/https/portal", post(d.to(system::https::portal)))
        .at("/sistema/copias", get(d.to(system::copies::show)))
        .at("/sistema/copias/arquivo", post(d.to(system::copies::archive)))
        .at("/sistema/copias/teste", post(d.to(system::copies::drill)))
        .at("/sistema/copias/pasta", post(d.to(system::folder::save)))
        .at("/sistema/copias/pasta/agora", post(d.to(system::folder::make)))
        .at("/sistema/copias/aviso", post(d.to(system::copies::dismiss)))
        .at(paths::SYSTEM_ROLES, get(d.to(system::roles::show)).post(d.to(system::roles::create)))
        .at(paths::SYSTEM_ROLE_NEW, get(d.to(system::roles::new)))
        .at("/sistema/papeis/:id", get(d.to(system::roles::edit)).post(d.to(system::roles::change)))
        .at(paths::SYSTEM_PRESENCE, get(d.to(presence::settings::show)).post(d.to(presence::settings::save)))
        .at(paths::SYSTEM_SECURITY, get(d.to(system::security::show)).post(d.to(system::security::save)))
        .at("/sistema/usuarios/:id/duas-etapas", get(d.to(second_factor::taking)).post(d.to(second_factor::take)))
        .at("/sistema/usuarios", get(d.to(users::index)).post(d.to(users::create)))
        .at("/sistema/usuarios/novo", get(d.to(users::new)))
        .at("/sistema/usuarios/:id", get(d.to(users::edit)).post(d.to(users::change)))
        .at("/sistema/usuarios/:id/convite", get(d.to(users::links::form)).post(d.to(users::links::make)))
        .at("/sistema/usuarios/:id/desativacao", get(d.to(users::off::form)).post(d.to(users::off::switch_off)))
        .at("/sistema/usuarios/:id/ativacao", post(d.to(users::off::switch_on)))
        .at("/sistema/auditoria", get(d.to(system::audit::show)))
        .at("/sistema/auditoria/exportacao", post(d.to(system::audit::export)))
        .at("/sistema/usuarios/:id/sessoes", get(d.to(sessions::of_user)).post(d.to(sessions::end_all_of_user)))
        .at("/sistema/usuarios/:id/sessoes/:sessao", post(d.to(sessions::end_of_user)))
        .at("/sistema/usuarios/:id/senha", get(d.to(users::password_form)).post(d.to(users::set_password)))
}

/// The outside.
pub fn public(desk: Arc<Desk>) -> impl Endpoint<Output = Response> {
    let d = Doors { desk, listener: Listener::Public };
    let routes = shared(&d)
        .at("/", get(d.to(portal::index)))
        .at("/acesso/:segredo", get(d.to(login::once_page)).post(d.to(login::once_enter)))
        .at(paths::LOGIN_LINK, post(d.to(login::link::ask_for)))
        .at(paths::LOGOUT, post(d.to(login::leave)))
        .at("/conversas", get(d.to(portal::index)))
        .at("/conversas/:token", get(d.to(portal::open)))
        .at("/conversas/:token/mensagens", post(d.to(portal::say)))
        .at("/conversas/:token/entradas", get(d.to(portal::older)))
        .at("/conversas/:token/documentos", get(d.to(inbox::documents::show_outside)))
        .at("/sessoes/encerramento", post(d.to(portal::leave_everywhere)))
        .at("/idioma", post(d.to(portal::set_language)))
        .at("/.well-known/acme-challenge/:token", get(d.to(statics::acme)));
    guarded(elsewhere(routes, &d), &d)
}

/// What both doors have: each with its own cookie and its own visitors.
fn shared(d: &Doors) -> Route {
    Route::new()
        .at(paths::LOGIN, get(d.to(login::page)).post(d.to(login::enter)))
        .at(paths::LIVE, get(d.to(live::follow)))
        .at("/arquivos", post(d.to(files::upload)))
        .at("/arquivos/:token", get(d.to(files::download)))
        .at("/arquivos/:token/previa", get(d.to(files::preview)))
        .at(paths::LOGO, get(d.to(statics::logo)))
        .at("/cor/:hue", get(d.to(statics::hue_sheet)))
        .at("/assets/*path", get(d.to(statics::serve)))
        .at(paths::HEALTH, get(d.to(statics::health)))
}

fn guarded(routes: Route, d: &Doors) -> impl Endpoint<Output = Response> + use<> {
    let (front, hsts) = match d.listener {
        // The office's certificate may be of an authority of its own, and be switched off again.
        Listener::Staff => (d.desk.tls.office.clone(), false),
        Listener::Public => (d.desk.tls.portal.clone(), true),
    };
    let rules = Rules { allowance, pace: Pace::default(), page: status_page, hsts };
    Guard::new(TlsOnly::new(routes.map_to_response(), front), rules)
}

/// Uploads may be large and slow; nothing else may.
fn allowance(request: &Request) -> Allowance {
    if request.uri().path() == paths::FILES {
        return Allowance { body_bytes_max: files::UPLOAD_BYTES_MAX + 1, deadline: Duration::from_secs(3_600) };
    }
    if request.uri().path() == paths::SYSTEM_COPIES_ARCHIVE {
        // The snapshot comes before the first byte, and a large house's takes its time.
        return Allowance { deadline: Duration::from_secs(600), ..Allowance::default() };
    }
    Allowance::default()
}

/// What nobody knows is answered in the visitor's language; a table of its own, because one catch-all would hide `/`.
fn elsewhere(routes: Route, d: &Doors) -> Route {
    routes.at("/:unknown", door::not_found(d)).at("/:unknown/*rest", door::not_found(d))
}
