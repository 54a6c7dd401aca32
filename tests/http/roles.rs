//! R7: the agency's own roles, made from the table of permissions; and departments, which limit what brokers see.

use crate::office::*;
use crate::streams::Stream;
use crate::table::{self, Places, STAFF};
use crate::world::World;
use balcao::domain::access::Act;
use std::fmt::Write;

pub const NEIDE: Login =
    Login { name: "Neide Luz", email: "neide@aurora.example", password: "sol de inverno no rio", role: "broker" };

/// Makes a role that may do this; gives the value by which forms choose it.
pub async fn role_of(admin: &Person, name: &str, acts: &[Act]) -> String {
    let mut form = vec![("nome", name), ("ativo", "sim")];
    form.extend(acts.iter().map(|act| ("pode", act.key())));
    let made = admin.post("/sistema/papeis", &form).await;
    assert_eq!(made.status, 204, "{}", made.text());
    let page = admin.get("/sistema/papeis").await.text();
    let id = page.split("\"/sistema/papeis/").filter_map(|rest| rest.split('"').next()?.parse::<u64>().ok()).max();
    format!("proprio-{}", id.expect("a role is listed"))
}

pub async fn assign(admin: &Person, user: Login, role: &str, departments: &[u64]) -> Answer {
    let path = format!("/sistema/usuarios/{}", user_id(admin, user.email).await);
    let mut form = vec![("nome", user.name.to_owned()), ("email", user.email.to_owned()), ("papel", role.to_owned())];
    form.extend(departments.iter().map(|id| ("setores", id.to_string())));
    admin.post(&path, &form).await
}

#[tokio::test]
async fn r7_a_role_of_the_agencys_own_opens_what_its_permissions_say_and_nothing_else() {
    let world = World::open().await;
    let places = Places::of(&world).await;
    let admin = world.staff(ADMIN).await;
    add_user(&admin, NEIDE).await;
    let mut wrong = String::new();
    for act in Act::ALL {
        let role = role_of(&admin, &format!("Só {}", act.key()), &[act]).await;
        assert_eq!(assign(&admin, NEIDE, &role, &[]).await.status, 204);
        let neide = world.staff(NEIDE).await;
        for (line, needs) in STAFF.iter().filter_map(|line| Some((line, line.act?))) {
            // A user who may do more than they is not theirs to look at.
            let expected = if needs == act && !line.path.contains("{admin}") { line.expected[7] } else { 403 };
            let status = table::ask(&neide, line, &places.fill(line.path)).await.status;
            if status != expected {
                let (method, path) = (line.method, line.path);
                let _ = writeln!(wrong, "{method} {path} for who may {}: {status}, not {expected}", act.key());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn r7_a_change_of_a_role_counts_at_once_for_who_has_it() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    add_user(&admin, NEIDE).await;
    let role = role_of(&admin, "Arquivo", &[Act::ReadAudit]).await;
    assert_eq!(assign(&admin, NEIDE, &role, &[]).await.status, 204);
    let neide = world.staff(NEIDE).await;
    assert_eq!(neide.get("/sistema/auditoria").await.status, 200);
    assert!(neide.get("/perfil").await.text().contains("Arquivo"), "it is what she is called here");
    let path = role.replace("proprio-", "/sistema/papeis/");
    let edited = admin.post(&path, &[("nome", "Arquivo"), ("ativo", "sim"), ("pode", "see_everything")]).await;
    assert_eq!(edited.status, 204, "{}", edited.text());
    assert_eq!(neide.get("/sistema/auditoria").await.status, 403, "in the same session");
    assert_eq!(neide.get(&format!("/conversas/{}", world.owner_talk)).await.status, 200);
    let audit = admin.get("/sistema/auditoria").await.text();
    assert!(audit.contains("Papel: Arquivo: ver todas as conversas e oportunidades"), "and it is noted");
    let twice = admin.post("/sistema/papeis", &[("nome", "arquivo")]).await;
    assert_eq!(twice.status, 422, "no two of one name");
}

#[tokio::test]
async fn c20_nobody_gives_or_takes_more_than_they_have() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    add_user(&admin, NEIDE).await;
    let role = role_of(&admin, "Recursos humanos", &[Act::ManageUsers]).await;
    assert_eq!(assign(&admin, NEIDE, &role, &[]).await.status, 204);
    let neide = world.staff(NEIDE).await;
    let form = neide.get("/sistema/usuarios/novo").await.text();
    assert!(
        form.contains("value=\"broker\"") && !form.contains("value=\"admin\"") && !form.contains("value=\"manager\"")
    );
    let new = |role: &'static str| {
        [("nome", "Rui"), ("email", "rui@aurora.example"), ("papel", role), ("senha", "vento norte na serra")]
    };
    for above in ["admin", "manager", "receptionist"] {
        assert_eq!(neide.post("/sistema/usuarios", &new(above)).await.status, 422, "{above}");
    }
    assert_eq!(neide.post("/sistema/usuarios", &new("broker")).await.status, 204);
    assert_eq!(assign(&neide, NEIDE, "admin", &[]).await.status, 422, "nor to herself");
    for above in [ADMIN, MANAGER, RECEPTION] {
        let user = format!("/sistema/usuarios/{}", user_id(&admin, above.email).await);
        for path in ["", "/desativacao", "/senha", "/convite", "/sessoes", "/duas-etapas"] {
            let answer = neide.post(&format!("{user}{path}"), &[("papel", "broker"), ("como", "papel")]).await;
            assert_eq!(answer.status, 403, "{} {path}: {}", above.email, answer.text());
            assert_eq!(neide.get(&format!("{user}{path}")).await.status, 403, "nor looked at: {} {path}", above.email);
        }
    }
    assert_eq!(assign(&neide, BROKER, "broker", &[]).await.status, 204, "but a broker is hers to change");
}

/// H2: whoever may change the roles must not so become everything.
#[tokio::test]
async fn c20_nobody_gives_a_role_more_than_they_have_nor_takes_from_one_that_has_more() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    add_user(&admin, NEIDE).await;
    let path_of = |role: &str| role.replace("proprio-", "/sistema/papeis/");
    let all: Vec<(&str, &str)> = Act::ALL.iter().map(|act| ("pode", act.key())).collect();
    let named = |name: &'static str, acts: &[(&'static str, &'static str)]| {
        [&[("nome", name), ("ativo", "sim")], acts].concat()
    };
    let above = path_of(&role_of(&admin, "Arquivo", &[Act::ReadAudit]).await);
    for act in Act::ALL {
        let role = role_of(&admin, &format!("Só {}", act.key()), &[act]).await;
        assert_eq!(assign(&admin, NEIDE, &role, &[]).await.status, 204);
        let neide = world.staff(NEIDE).await;
        let own = path_of(&role);
        let runs = act == Act::RunTheSystem;
        assert_eq!(neide.get(&own).await.status, if runs { 200 } else { 403 }, "{}", act.key());
        for (path, form) in [
            (own.as_str(), named("Tudo", &all)),
            ("/sistema/papeis", named("Tudo", &all)),
            (&above, named("Arquivo", &[("pode", "read_audit")])),
            (&above, vec![("nome", "Arquivo"), ("pode", "read_audit")]),
            (&above, named("Arquivo", &[])),
        ] {
            if !(act == Act::ReadAudit && path == above) {
                let tried = neide.post(path, &form).await;
                assert_eq!(tried.status, 403, "{} posts {form:?} to {path}: {}", act.key(), tried.text());
            }
        }
        if runs {
            assert_eq!(neide.get(&above).await.status, 403);
            let list = neide.get("/sistema/papeis").await.text();
            assert!(list.contains(&format!("\"{own}\"")) && !list.contains(&format!("\"{above}\"")), "{list}");
            let form = neide.get("/sistema/papeis/novo").await.text();
            assert!(form.contains("value=\"run_the_system\"") && !form.contains("value=\"manage_users\""), "{form}");
            let same = neide.post(&own, &named("Sistema", &[("pode", "run_the_system")])).await;
            assert_eq!(same.status, 204, "what is theirs: {}", same.text());
        }
    }
    let audit = admin.get("/sistema/auditoria").await.text();
    assert!(!audit.contains("Tudo"), "no role of that name was ever made");
}

#[tokio::test]
async fn r7_a_broker_with_departments_sees_their_queues_and_no_others() {
    let world = World::open().await;
    let (admin, reception) = (world.staff(ADMIN).await, world.staff(RECEPTION).await);
    add_user(&admin, NEIDE).await;
    assert_eq!(assign(&admin, NEIDE, "broker", &[1]).await.status, 204);
    let neide = world.staff(NEIDE).await;
    let begin = async |by: &Person, name: &str, department: &str| {
        let form = [("nome", name), ("responsavel", "fila"), ("setor", department), ("texto", "marcador-xyz")];
        by.post("/conversas", &form).await.made()
    };
    let hers = begin(&reception, "Ana Vendas", "1").await;
    let cookie = neide.cookie_now("/");
    let mut screen = Stream::open(&world.house.staff, "/ao-vivo?tela=conversas&aba=fila", &cookie).await;
    let others = begin(&reception, "Bia Locacao", "2").await;
    let nobodys = begin(&reception, "Caio Nenhum", "").await;
    let heard = screen.until("Caio Nenhum").await;
    assert!(!heard.contains("Bia Locacao"), "the live list neither: {heard}");
    let list = neide.get("/conversas?aba=fila").await.text();
    assert!(list.contains("Ana Vendas") && list.contains("Caio Nenhum") && !list.contains("Bia Locacao"));
    assert!(!neide.get("/conversas?aba=fila&nome=bia").await.text().contains("Bia Locacao"), "nor by its name");
    for (talk, status) in [(hers, 200), (nobodys, 200), (others, 404)] {
        assert_eq!(neide.get(&format!("/conversas/{talk}")).await.status, status);
    }
    for (path, form) in [("atendente", ""), ("mensagens", "texto"), ("responsavel", "responsavel")] {
        let answer = neide.post(&format!("/conversas/{others}/{path}"), &[(form, "fila")]).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    let found = async || {
        let page = neide.get_fragment("/busca?q=marcador-xyz").await.text();
        page.contains("Ana Vendas") && page.contains("Caio Nenhum") && !page.contains("Bia Locacao")
    };
    eventually("the search finds hers alone", PATIENCE, found).await;
    // What she puts into another queue herself she goes on seeing; what she is given is hers.
    let put = begin(&neide, "Davi Passado", "2").await;
    assert_eq!(neide.get(&format!("/conversas/{put}")).await.status, 200);
    let to = user_id(&admin, NEIDE.email).await.to_string();
    let given = reception.post(&format!("/conversas/{others}/responsavel"), &[("responsavel", &to)]).await;
    assert_eq!(given.status, 200, "{}", given.text());
    assert_eq!(neide.get(&format!("/conversas/{others}")).await.status, 200);
}
