//! C20, ASVS 8: every address of both doors, and what each kind of visitor is answered there. A route without a line
//! fails, a line without a route fails.
//!
//! To read it: `staff(200)` is everybody who works here, `own(200)` the broker whose work it is and those who see
//! everything, `by(act, 200)` whom the table of permissions lets, `owners(200)` the outsider it was given to, `outsiders(200)` whoever has an access,
//! `all(200)` really everybody. Whoever is left out is sent to the login (401 to a script), told that it does not exist
//! (404) or that it is not theirs to do (403). These are the active ones. Whoever is invited, was switched off or lost
//! their access is answered like nobody, on every line: two tests below ask every line for each of them. What only the office's door knows is 404 at the other: see `doors.rs`.

use crate::keys::behind_closed_doors;
use crate::office::*;
use crate::world::World;
use balcao::domain::access::{Act, Role, may};
use balcao::domain::ids::UserId;
use balcao::domain::session::{self, Owner, Session};
use balcao::domain::token;
use balcao::store::Look;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What nobody, the owner, the appraiser, the other broker, the broker whose work it is, the receptionist, the manager
/// and the admin are answered, in this order of asking.
type Expected = [u16; 8];

const fn all(status: u16) -> Expected {
    [status; 8]
}

/// The office's people and nobody else.
const fn staff(status: u16) -> Expected {
    [401, 401, 401, status, status, status, status, status]
}

/// The broker whose work it is, and those who see everything; for another broker it does not exist.
const fn own(status: u16) -> Expected {
    [401, 401, 401, 404, status, status, status, status]
}

/// Those of the four roles whom the product's own table of permissions lets: it says this of the tests, too.
const fn by(act: Act, status: u16) -> Expected {
    const fn of(role: Role, act: Act, status: u16) -> u16 {
        if may(role, act) { status } else { 403 }
    }
    let broker = of(Role::Broker, act, status);
    let (reception, manager) = (of(Role::Receptionist, act, status), of(Role::Manager, act, status));
    [401, 401, 401, broker, broker, reception, manager, of(Role::Admin, act, status)]
}

/// At the portal: the owner's, whom the appraiser does not know; staff are nobody there.
const fn owners(status: u16) -> Expected {
    [401, status, 404, 401, 401, 401, 401, 401]
}

const fn outsiders(status: u16) -> Expected {
    [401, status, status, 401, 401, 401, 401, 401]
}

pub struct Line {
    pub method: &'static str,
    /// As `routes.rs` writes it.
    pub route: &'static str,
    /// What is asked for; `{talk}`, `{deal}` … are filled in.
    pub path: &'static str,
    /// What is posted: a form that a reader of the right kind is answered 422 for, where there is one.
    pub form: &'static str,
    pub expected: Expected,
    /// The permission that it takes, where it takes one.
    pub act: Option<Act>,
}

const fn get(route: &'static str, path: &'static str, expected: Expected) -> Line {
    Line { method: "GET", route, path, form: "", expected, act: None }
}

const fn get_by(act: Act, route: &'static str, path: &'static str, status: u16) -> Line {
    Line { act: Some(act), ..get(route, path, by(act, status)) }
}

const fn post(route: &'static str, path: &'static str, form: &'static str, expected: Expected) -> Line {
    Line { method: "POST", route, path, form, expected, act: None }
}

const fn post_by(act: Act, route: &'static str, path: &'static str, form: &'static str, status: u16) -> Line {
    Line { act: Some(act), ..post(route, path, form, by(act, status)) }
}

/// Whoever is in needs no login and goes where they belong.
const STAFF_IN: Expected = [200, 200, 200, 204, 204, 204, 204, 204];
const PORTAL_IN: Expected = [200, 204, 204, 200, 200, 200, 200, 200];

pub const STAFF: &[Line] = &[
    get("/", "/", staff(200)),
    get("/instalacao", "/instalacao", all(204)),
    post("/instalacao", "/instalacao", "", all(422)),
    get("/conversas", "/conversas", staff(200)),
    post("/conversas", "/conversas", "", staff(422)),
    get("/conversas/nova", "/conversas/nova", staff(200)),
    get("/conversas/:id", "/conversas/{talk}", own(200)),
    post("/conversas/:id/mensagens", "/conversas/{talk}/mensagens", "", own(422)),
    get("/conversas/:id/entradas", "/conversas/{talk}/entradas", own(200)),
    get("/conversas/:id/documentos", "/conversas/{talk}/documentos", own(200)),
    // Who loses the race for a waiting conversation is told who won it (Q4).
    post("/conversas/:id/atendente", "/conversas/{talk}/atendente", "", [401, 401, 401, 409, 204, 409, 409, 409]),
    post("/conversas/:id/responsavel", "/conversas/{talk}/responsavel", "responsavel=999999", own(422)),
    post("/conversas/:id/motivo", "/conversas/{talk}/motivo", "motivo=999999", own(422)),
    get("/conversas/:id/encerramento", "/conversas/{talk}/encerramento", own(200)),
    post("/conversas/:id/encerramento", "/conversas/{talk}/encerramento", "motivo=999999", own(422)),
    post("/conversas/:id/reabertura", "/conversas/{talk}/reabertura", "", own(204)),
    get("/busca", "/busca?q=chave", staff(200)),
    get("/oportunidades", "/oportunidades", staff(200)),
    post("/oportunidades", "/oportunidades", "", staff(422)),
    get("/oportunidades/nova", "/oportunidades/nova", staff(200)),
    get("/oportunidades/:id", "/oportunidades/{deal}", own(200)),
    post("/oportunidades/:id", "/oportunidades/{deal}", "tipo=venda&titulo=x&contato=999999", own(422)),
    get("/oportunidades/:id/edicao", "/oportunidades/{deal}/edicao", own(200)),
    post("/oportunidades/:id/situacao", "/oportunidades/{deal}/situacao", "etapa=99", own(422)),
    get("/oportunidades/:id/acessos", "/oportunidades/{deal}/acessos", own(200)),
    post("/oportunidades/:id/acessos", "/oportunidades/{deal}/acessos", ACCESS, own(422)),
    get("/oportunidades/:id/acessos/novo", "/oportunidades/{deal}/acessos/novo", own(200)),
    get("/oportunidades/:id/acessos/link", "/oportunidades/{deal}/acessos/link", own(200)),
    post("/acessos/:id", "/acessos/{access}", "email=x", own(422)),
    get("/acessos/:id/edicao", "/acessos/{access}/edicao", own(200)),
    get("/acessos/:id/senha", "/acessos/{access}/senha", own(200)),
    post("/acessos/:id/senha", "/acessos/{access}/senha", "", own(422)),
    // Without a mail server nothing is sent again, whatever it is.
    post("/acessos/:id/reenvio", "/acessos/{access}/reenvio", "", staff(409)),
    get("/acessos/:id/revogacao", "/acessos/{access}/revogacao", own(200)),
    // The first revokes it, the others read that it is done.
    post("/acessos/:id/revogacao", "/acessos/{access}/revogacao", "", [401, 401, 401, 404, 200, 409, 409, 409]),
    get("/contatos", "/contatos", staff(200)),
    post("/contatos", "/contatos", "", staff(422)),
    get("/contatos/sugestoes", "/contatos/sugestoes?q=ma", staff(200)),
    get("/contatos/novo", "/contatos/novo", staff(200)),
    get("/contatos/:id", "/contatos/{contact}", staff(200)),
    post("/contatos/:id", "/contatos/{contact}", "nome=", staff(422)),
    get("/contatos/:id/edicao", "/contatos/{contact}/edicao", staff(200)),
    get("/usuarios-online", "/usuarios-online", staff(200)),
    post_by(Act::RegisterOthers, "/usuarios-online", "/usuarios-online", "usuario=999999&ramal=1", 422),
    get("/usuarios-online/registro", "/usuarios-online/registro", staff(200)),
    // Who is in already is not asked again.
    get("/usuarios-online/entrada", "/usuarios-online/entrada", [401, 401, 401, 204, 200, 200, 200, 200]),
    post("/usuarios-online/entrada", "/usuarios-online/entrada", "", staff(422)),
    get("/usuarios-online/painel", "/usuarios-online/painel", staff(200)),
    get("/usuarios-online/dia.csv", "/usuarios-online/dia.csv", staff(200)),
    // The other broker's own stay, and those who may record for everybody (P4).
    get("/usuarios-online/:id/ramal", "/usuarios-online/{stay}/ramal", [401, 401, 401, 200, 403, 200, 200, 200]),
    post("/usuarios-online/:id/ramal", "/usuarios-online/{stay}/ramal", "", [401, 401, 401, 422, 403, 422, 422, 422]),
    get("/usuarios-online/:id/saida", "/usuarios-online/{stay}/saida", [401, 401, 401, 200, 403, 200, 200, 200]),
    post("/usuarios-online/:id/saida", "/usuarios-online/{stay}/saida", "", [401, 401, 401, 422, 403, 422, 422, 422]),
    get_by(Act::RunTheSystem, "/sistema/papeis", "/sistema/papeis", 200),
    post_by(Act::RunTheSystem, "/sistema/papeis", "/sistema/papeis", "", 422),
    get_by(Act::RunTheSystem, "/sistema/papeis/novo", "/sistema/papeis/novo", 200),
    get_by(Act::RunTheSystem, "/sistema/papeis/:id", "/sistema/papeis/{role}", 200),
    post_by(Act::RunTheSystem, "/sistema/papeis/:id", "/sistema/papeis/{role}", "", 422),
    get_by(Act::RunTheSystem, "/sistema/usuarios-online", "/sistema/usuarios-online", 200),
    post_by(Act::RunTheSystem, "/sistema/usuarios-online", "/sistema/usuarios-online", "ativo=sim&motivos=Visita", 204),
    get("/sair", "/sair", [401, 401, 401, 200, 204, 204, 204, 204]),
    get("/perfil", "/perfil", staff(200)),
    post("/perfil/senha", "/perfil/senha", "", staff(422)),
    get("/perfil/duas-etapas", "/perfil/duas-etapas", staff(200)),
    post("/perfil/duas-etapas", "/perfil/duas-etapas", "", staff(422)),
    post("/perfil/duas-etapas/confirmacao", "/perfil/duas-etapas/confirmacao", "chave=x&codigo=123456", staff(422)),
    post("/perfil/duas-etapas/codigos", "/perfil/duas-etapas/codigos", "", staff(422)),
    post("/perfil/duas-etapas/desligamento", "/perfil/duas-etapas/desligamento", "codigo=123456", staff(422)),
    // Who is not half in goes to the login.
    get("/entrar/codigo", "/entrar/codigo", all(204)),
    post("/entrar/codigo", "/entrar/codigo", "codigo=123456", all(204)),
    post("/sessoes/:id/encerramento", "/sessoes/999999/encerramento", "", staff(404)),
    post("/sessoes/encerramento", "/sessoes/encerramento", "", staff(204)),
    post("/idioma", "/idioma", "", staff(422)),
    get("/convite/:segredo", "/convite/ninguem", all(410)),
    post("/convite/:segredo", "/convite/ninguem", "", all(410)),
    // Nothing to install before it was prepared.
    get("/certificado", "/certificado", all(404)),
    get("/certificado/balcao-ca.crt", "/certificado/balcao-ca.crt", all(404)),
    get("/galeria", "/galeria", staff(404)),
    get("/sistema", "/sistema", [401, 401, 401, 403, 403, 403, 200, 200]),
    get_by(Act::RunTheSystem, "/sistema/agencia", "/sistema/agencia", 200),
    post_by(Act::RunTheSystem, "/sistema/agencia", "/sistema/agencia", "", 422),
    post_by(Act::RunTheSystem, "/sistema/agencia/logotipo", "/sistema/agencia/logotipo", "tirar=sim", 204),
    get_by(Act::RunTheSystem, "/sistema/chat-externo", "/sistema/chat-externo", 200),
    post_by(Act::RunTheSystem, "/sistema/chat-externo", "/sistema/chat-externo", "ativo=sim", 204),
    get_by(Act::KeepCopies, "/sistema/copias", "/sistema/copias", 200),
    post_by(Act::KeepCopies, "/sistema/copias/arquivo", "/sistema/copias/arquivo", "", 422),
    post_by(Act::KeepCopies, "/sistema/copias/teste", "/sistema/copias/teste", "", 204),
    post_by(Act::KeepCopies, "/sistema/copias/pasta", "/sistema/copias/pasta", "", 422),
    post_by(Act::KeepCopies, "/sistema/copias/pasta/agora", "/sistema/copias/pasta/agora", "", 404),
    post_by(Act::KeepCopies, "/sistema/copias/aviso", "/sistema/copias/aviso", "", 204),
    get_by(Act::EditLists, "/sistema/motivos", "/sistema/motivos", 200),
    post_by(Act::EditLists, "/sistema/motivos", "/sistema/motivos", "nome=", 422),
    post_by(Act::EditLists, "/sistema/motivos/:id", "/sistema/motivos/1", "ativo=sim", 204),
    get_by(Act::EditLists, "/sistema/setores", "/sistema/setores", 200),
    post_by(Act::EditLists, "/sistema/setores", "/sistema/setores", "nome=", 422),
    post_by(Act::EditLists, "/sistema/setores/:id", "/sistema/setores/1", "ativo=sim", 204),
    get_by(Act::EditLists, "/sistema/encerramento", "/sistema/encerramento", 200),
    post_by(Act::EditLists, "/sistema/encerramento", "/sistema/encerramento", "mensagem=Obrigado.", 204),
    get_by(Act::RunTheSystem, "/sistema/email", "/sistema/email", 200),
    post_by(Act::RunTheSystem, "/sistema/email", "/sistema/email", "servidor=", 422),
    get_by(Act::RunTheSystem, "/sistema/https", "/sistema/https", 200),
    post_by(Act::RunTheSystem, "/sistema/https", "/sistema/https", "fazer=nada", 422),
    post_by(Act::RunTheSystem, "/sistema/https/portal", "/sistema/https/portal", "dominio=x&contato=x", 422),
    get_by(Act::RunTheSystem, "/sistema/seguranca", "/sistema/seguranca", 200),
    post_by(Act::RunTheSystem, "/sistema/seguranca", "/sistema/seguranca", "", 204),
    get_by(Act::ManageUsers, "/sistema/usuarios/:id/duas-etapas", "/sistema/usuarios/{user}/duas-etapas", 200),
    post_by(Act::ManageUsers, "/sistema/usuarios/:id/duas-etapas", "/sistema/usuarios/{user}/duas-etapas", "", 404),
    get_by(Act::ManageUsers, "/sistema/usuarios", "/sistema/usuarios", 200),
    post_by(Act::ManageUsers, "/sistema/usuarios", "/sistema/usuarios", "", 422),
    get_by(Act::ManageUsers, "/sistema/usuarios/novo", "/sistema/usuarios/novo", 200),
    get_by(Act::ManageUsers, "/sistema/usuarios/:id", "/sistema/usuarios/{user}", 200),
    post_by(Act::ManageUsers, "/sistema/usuarios/:id", "/sistema/usuarios/{user}", "papel=broker", 422),
    get_by(Act::ManageUsers, "/sistema/usuarios/:id/convite", "/sistema/usuarios/{user}/convite", 200),
    post_by(Act::ManageUsers, "/sistema/usuarios/:id/convite", "/sistema/usuarios/{user}/convite", "como=nada", 422),
    get_by(Act::ManageUsers, "/sistema/usuarios/:id/desativacao", "/sistema/usuarios/{user}/desativacao", 200),
    post_by(
        Act::ManageUsers,
        "/sistema/usuarios/:id/desativacao",
        "/sistema/usuarios/{user}/desativacao",
        "conversas=999999",
        422,
    ),
    post_by(Act::ManageUsers, "/sistema/usuarios/:id/ativacao", "/sistema/usuarios/{user}/ativacao", "", 204),
    get_by(Act::ReadAudit, "/sistema/auditoria", "/sistema/auditoria", 200),
    post_by(Act::ReadAudit, "/sistema/auditoria/exportacao", "/sistema/auditoria/exportacao", "", 200),
    get_by(Act::ManageUsers, "/sistema/usuarios/:id/sessoes", "/sistema/usuarios/{user}/sessoes", 200),
    // The admin's own, which leaves the one by which it is asked.
    post_by(Act::ManageUsers, "/sistema/usuarios/:id/sessoes", "/sistema/usuarios/{admin}/sessoes", "", 200),
    post_by(
        Act::ManageUsers,
        "/sistema/usuarios/:id/sessoes/:sessao",
        "/sistema/usuarios/{user}/sessoes/999999",
        "",
        404,
    ),
    get_by(Act::ManageUsers, "/sistema/usuarios/:id/senha", "/sistema/usuarios/{user}/senha", 200),
    post_by(Act::ManageUsers, "/sistema/usuarios/:id/senha", "/sistema/usuarios/{user}/senha", "", 422),
    get("/entrar", "/entrar", STAFF_IN),
    post("/entrar", "/entrar", "", all(422)),
    get("/ao-vivo", "/ao-vivo", staff(400)),
    post("/arquivos", "/arquivos", "", staff(422)),
    get("/arquivos/:token", "/arquivos/{picture}", own(200)),
    get("/arquivos/:token/previa", "/arquivos/{picture}/previa", own(200)),
    get("/logotipo", "/logotipo", all(404)),
    get("/cor/:hue", "/cor/255.css", all(200)),
    get("/assets/*path", "{asset}", all(200)),
    get("/saude", "/saude", all(200)),
    get("/:unknown", "/nada", all(404)),
    get("/:unknown/*rest", "/nada/disso", all(404)),
    post("/sair", "/sair", "", all(204)),
];

pub const PUBLIC: &[Line] = &[
    get("/", "/", outsiders(204)),
    get("/acesso/:segredo", "/acesso/ninguem", all(410)),
    post("/acesso/:segredo", "/acesso/ninguem", "", all(410)),
    get("/conversas", "/conversas?lista=1", outsiders(200)),
    get("/conversas/:token", "/conversas/{token}", owners(200)),
    post("/conversas/:token/mensagens", "/conversas/{token}/mensagens", "", owners(422)),
    get("/conversas/:token/entradas", "/conversas/{token}/entradas", owners(200)),
    get("/conversas/:token/documentos", "/conversas/{token}/documentos", owners(200)),
    post("/idioma", "/idioma", "", outsiders(204)),
    get("/entrar", "/entrar", PORTAL_IN),
    post("/entrar", "/entrar", "", all(422)),
    // Without a mail server nobody is promised a letter.
    post("/entrar/link", "/entrar/link", "", all(409)),
    get("/ao-vivo", "/ao-vivo", outsiders(400)),
    post("/arquivos", "/arquivos", "", outsiders(422)),
    get("/arquivos/:token", "/arquivos/{picture}", owners(200)),
    get("/arquivos/:token/previa", "/arquivos/{picture}/previa", owners(200)),
    get("/logotipo", "/logotipo", all(404)),
    get("/cor/:hue", "/cor/255.css", all(200)),
    get("/assets/*path", "{asset}", all(200)),
    get("/saude", "/saude", all(200)),
    // Only while an ACME server looks.
    get("/.well-known/acme-challenge/:token", "/.well-known/acme-challenge/nada", all(404)),
    get("/:unknown", "/nada", all(404)),
    get("/:unknown/*rest", "/nada/disso", all(404)),
    // Whoever goes out everywhere is gone here too.
    post("/sessoes/encerramento", "/sessoes/encerramento", "", outsiders(204)),
    post("/sair", "/sair", "", all(204)),
];

const ACCESS: &str = "email=outra@example.com&senha=Imo35avalextern95&texto=oi&arquivo=ninguem";

/// What the placeholders of the table stand for.
pub struct Places(Vec<(&'static str, String)>);

impl Places {
    pub async fn of(world: &World) -> Self {
        let admin = world.staff(ADMIN).await;
        let page = admin.get("/perfil").await.text();
        let list = admin.get(&format!("/oportunidades/{}/acessos", world.deal)).await.text();
        let access = list.split("\"/acessos/").filter_map(|rest| rest.split('/').next()?.parse::<u64>().ok()).max();
        Self(vec![
            ("{talk}", world.owner_talk.to_string()),
            ("{token}", world.owner_token.clone()),
            ("{deal}", world.deal.to_string()),
            ("{contact}", world.contact.to_string()),
            ("{picture}", world.picture.clone()),
            ("{access}", access.expect("an access is listed").to_string()),
            ("{role}", "1".to_owned()),
            ("{stay}", world.stay.to_string()),
            ("{user}", user_id(&admin, BROKER.email).await.to_string()),
            ("{admin}", user_id(&admin, ADMIN.email).await.to_string()),
            ("{asset}", format!("/assets/{}", between(&page, "src=\"/assets/", "\"").expect("a script"))),
        ])
    }

    /// The same with another conversation.
    pub async fn with_talk(world: &World, talk: u64) -> Self {
        let mut places = Self::of(world).await;
        places.0.iter_mut().filter(|(name, _)| *name == "{talk}").for_each(|(_, value)| *value = talk.to_string());
        places
    }

    pub fn fill(&self, path: &str) -> String {
        self.0.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
    }
}

/// Those who log in, in the order of [`Expected`].
const VISITORS: [Login; 7] = [OWNER, APPRAISER, OTHER_BROKER, BROKER, RECEPTION, MANAGER, ADMIN];

/// The visitors in the order of [`Expected`], at one door.
async fn visitors(world: &World, base: &str) -> Vec<Person> {
    let mut visitors = vec![Person::at(base)];
    let public = &world.house.public;
    for login in VISITORS {
        let home = if login.role.is_empty() { public } else { &world.house.staff };
        let mut person = Person::enter(home, login).await;
        // Cookies do not know ports: everybody carries theirs to either door, as browsers do.
        person.base = base.to_owned();
        if home != base {
            person.forget_csrf();
        }
        visitors.push(person);
    }
    visitors
}

#[tokio::test]
async fn c20_every_address_answers_every_visitor_as_the_table_says() {
    let world = World::open().await;
    let third = Login { name: "Ana", email: "ana@example.com", password: "terceira-pessoa-7", role: "" };
    let broker = world.staff(BROKER).await;
    give_access(&broker, world.deal, third, "Boa tarde, Ana.").await;
    let places = Places::of(&world).await;
    let mut wrong = String::new();
    for (door, base, lines) in [("office", &world.house.staff, STAFF), ("portal", &world.house.public, PUBLIC)] {
        let visitors = visitors(&world, base).await;
        for line in lines {
            let path = places.fill(line.path);
            let mut got = [0; 8];
            for (visitor, got) in visitors.iter().zip(&mut got) {
                let answer = ask(visitor, line, &path).await;
                *got = answer.status;
            }
            if got != line.expected {
                let _ = writeln!(wrong, "{door} {} {path}\n   is {got:?}\n  not {:?}", line.method, line.expected);
            }
        }
    }
    assert!(wrong.is_empty(), "nobody, owner, appraiser, other broker, broker, reception, manager, admin:\n{wrong}");
}

/// C28: the same visitors, with the cookies they still have, after they were switched off and their accesses revoked.
#[tokio::test]
async fn c20_c28_whoever_was_shut_out_is_answered_like_nobody_on_every_line() {
    let world = World::open().await;
    let places = Places::of(&world).await;
    let doors = [("office", &world.house.staff, STAFF), ("portal", &world.house.public, PUBLIC)];
    let mut people = Vec::new();
    for (_, base, _) in &doors {
        people.push(visitors(&world, base).await);
    }
    let admin = world.staff(ADMIN).await;
    let spare_login =
        Login { name: "Eva Lins", email: "eva@aurora.example", password: "uma chave de reserva", role: "admin" };
    add_user(&admin, spare_login).await;
    let spare = world.staff(spare_login).await;
    let list = spare.get(&format!("/oportunidades/{}/acessos", world.deal)).await.text();
    let accesses: BTreeSet<u64> =
        list.split("\"/acessos/").filter_map(|rest| rest.split('/').next()?.parse().ok()).collect();
    for access in accesses {
        assert_eq!(spare.post(&format!("/acessos/{access}/revogacao"), &[("", "")]).await.status, 200);
    }
    let heir = user_id(&spare, spare_login.email).await;
    for user in VISITORS.iter().filter(|login| !login.role.is_empty()) {
        let off = switch_off(&spare, user.email, heir).await;
        assert_eq!(off.status, 204, "{}", off.text());
    }
    for ((door, _, lines), people) in doors.iter().zip(&people) {
        all_are_nobody(door, lines, &places, people).await;
    }
}

/// Every line answers these people as it answers nobody.
async fn all_are_nobody(door: &str, lines: &[Line], places: &Places, people: &[Person]) {
    let mut wrong = String::new();
    for line in lines {
        let path = places.fill(line.path);
        for (n, person) in people.iter().enumerate() {
            let status = ask(person, line, &path).await.status;
            // Too many wrong tries come from one address only where it tried: here each has its own.
            if status != line.expected[0] {
                let _ = writeln!(wrong, "{door} {} {path}: visitor {n} is answered {status}", line.method);
            }
        }
    }
    assert!(wrong.is_empty(), "shut out, and yet:\n{wrong}");
}

/// C28, the third state: for each role somebody who was invited and never set a password. No password lets them in, the
/// house begins no session for them, and even one that was put into the database behind its back opens no line. The
/// same for those who were switched off.
#[tokio::test]
async fn c20_c28_whoever_is_invited_or_off_is_answered_like_nobody_even_with_a_forged_session() {
    let mut world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let mut shut = Vec::new();
    for (n, role) in ["admin", "manager", "broker", "receptionist"].into_iter().enumerate() {
        for (state, email) in [("invited", INVITED[n]), ("off", OFF[n])] {
            let login = Login { name: "Íris Vaz", email, password: "", role };
            let (id, link) = invite(&admin, login).await;
            let secret = link.rsplit('/').next().unwrap().to_owned();
            for guess in ["", "senha", ADMIN.password, &secret] {
                let tried = Person::at(&world.house.staff).log_in(email, guess).await;
                assert_eq!(tried.status, 422, "{state} {role} with {guess:?}");
            }
            if state == "off" {
                let person = Person::at(&world.house.staff);
                let path = link.replace(&world.house.staff, "");
                let form = [("senha", "um barco sem remo"), ("senha2", "um barco sem remo")];
                assert_eq!(person.post(&path, &form).await.status, 204);
                assert_eq!(switch_off(&admin, email, 1).await.status, 204);
            }
            shut.push((id, format!("forjado-{n}-{state}")));
        }
    }
    let forged = shut.clone();
    let begun = behind_closed_doors(&mut world.house, move |tx| {
        let mut begun = 0;
        for (id, cookie) in forged {
            let new = session::New {
                owner: Owner::User(UserId(id)),
                browser: String::new(),
                from: String::new(),
                language: None,
                opened_by: None,
            };
            begun += usize::from(session::begin(tx, new).is_ok());
            let real = tx.all::<Session>(1)?.remove(0);
            let (number, owner) = (tx.next("sessions")?, Owner::User(UserId(id)));
            tx.put(&Session { id: number, owner, token_hash: token::hash(&cookie), ..real })?;
        }
        Ok(begun)
    });
    assert_eq!(begun, 0, "the house begins no session for them");
    let places = Places::of(&world).await;
    for (door, base, lines) in [("office", &world.house.staff, STAFF), ("portal", &world.house.public, PUBLIC)] {
        let people: Vec<Person> = shut.iter().map(|(_, cookie)| Person::carrying(base, cookie)).collect();
        all_are_nobody(door, lines, &places, &people).await;
    }
}

const INVITED: [&str; 4] = ["i0@aurora.example", "i1@aurora.example", "i2@aurora.example", "i3@aurora.example"];
const OFF: [&str; 4] = ["o0@aurora.example", "o1@aurora.example", "o2@aurora.example", "o3@aurora.example"];

pub async fn ask(visitor: &Person, line: &Line, path: &str) -> Answer {
    if line.method == "GET" {
        return visitor.get_fragment(path).await;
    }
    if line.route == "/arquivos" {
        return visitor.upload("nada.bin", "").await;
    }
    let form: Vec<(&str, &str)> = line.form.split('&').filter_map(|pair| pair.split_once('=')).collect();
    visitor.post(path, &form).await
}

/// The route of the office that a form is posted to.
pub fn posted_to(path: &str) -> &'static str {
    let fits = |route: &str| {
        let same = |(part, here): (&str, &str)| part == here || part.starts_with(':');
        route.split('/').count() == path.split('/').count() && route.split('/').zip(path.split('/')).all(same)
    };
    let line = STAFF.iter().find(|line| line.method == "POST" && fits(line.route));
    line.unwrap_or_else(|| panic!("no route for {path}")).route
}

#[test]
fn c20_every_route_of_the_source_has_a_line() {
    let source = include_str!("../../src/web/routes.rs");
    let paths = include_str!("../../src/web/paths.rs");
    let next = |text: &str| text.find(".at(").into_iter().chain(text.find("fn ")).min();
    let mut part = "";
    let mut found: BTreeSet<(&str, String, &str)> = BTreeSet::new();
    let mut rest = source;
    while let Some(at) = next(rest) {
        let is_function = rest[at..].starts_with("fn ");
        rest = &rest[at + 3..];
        if is_function {
            part = rest.split(['(', '<']).next().unwrap();
            continue;
        }
        let (address, tail) = rest[1..].split_once(',').unwrap();
        let address = match address.trim().strip_prefix("paths::") {
            Some(name) => between(paths, &format!("const {name}: &str = \""), "\"").unwrap().to_owned(),
            None => address.trim().trim_matches('"').to_owned(),
        };
        let handlers = &tail[..next(tail).unwrap_or(tail.len())];
        for (word, method) in [("get(", "GET"), ("post(", "POST"), ("not_found(", "GET")] {
            if handlers.contains(word) {
                found.insert((part, address.clone(), method));
            }
        }
    }
    let mut listed: BTreeSet<(&str, String, &str)> = BTreeSet::new();
    for (doors, lines) in [("staff", STAFF), ("public", PUBLIC)] {
        for line in lines {
            listed.insert((doors, line.route.to_owned(), line.method));
        }
    }
    let expected: BTreeSet<(&str, String, &str)> = found
        .iter()
        .flat_map(|(part, address, method)| match *part {
            "staff" | "system_routes" => vec![("staff", address.clone(), *method)],
            "public" => vec![("public", address.clone(), *method)],
            _ => vec![("staff", address.clone(), *method), ("public", address.clone(), *method)],
        })
        .collect();
    assert!(expected.len() > 70, "the source is read: {}", expected.len());
    let missing: Vec<_> = expected.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(&expected).collect();
    assert!(missing.is_empty() && stale.is_empty(), "without a line: {missing:?}\nwithout a route: {stale:?}");
}
